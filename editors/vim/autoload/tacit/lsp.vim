vim9script
# The language client that Vim does not come with: one server for all buffers, which are kept in step with it.
# Nothing here waits for it. Positions on the wire are bytes, as Vim's are.

export var command: list<string> = get(g:, 'tacit_command', ['tacit', 'serve', '--log', 'warning'])
var server: job
var ready = false
var wanted = false # false: stopped on purpose
var deaths: list<number> = []
var late = 0 # the timer that tells of a slow start
var told = 0 # the popup with what was told last
var Heard: dict<func> = {} # what the plugin does when the server is `ready`, `lost`, or tells of `problems` or what came `late`
export var commands: list<string> = []
export var documents: dict<dict<any>> = {} # by buffer number: what the server knows
var problems: dict<list<any>> = {} # by URI

# The server ----------------------------------------------------------------------------------------------------

# In place of what was told before.
export def Tell(text: string)
  popup_close(told)
  told = popup_notification(split($'Tacit: {text}', "\n"),
    {time: 15000, highlight: 'WarningMsg', pos: 'botright', line: &lines - 1, col: &columns})
enddef

# Start the server. How it fares is told to `hooks`, later.
export def Start(hooks = Heard)
  [wanted, Heard] = [true, hooks]
  if &encoding !=# 'utf-8' || !executable(command[0])
    Tell(&encoding !=# 'utf-8' ? 'needs `set encoding=utf-8` in the vimrc.' : $"there is no program {command[0]}.\n"
      .. 'Install it (`pipx install tacit`) or set g:tacit_command; then `:Tacit restart`.')
    return
  endif
  server = job_start(command, {in_mode: 'lsp', out_mode: 'lsp', err_io: 'null', noblock: 1, stoponexit: '',
    out_cb: (_, message) => Receive(message), exit_cb: (gone, _) => Ended(gone)})
  timer_stop(late)
  late = timer_start(10000, (_) => Tell("the server is slow to start.\n`tacit doctor` in a terminal looks for the reason."))
  Send('initialize', {processId: getpid(), clientInfo: {name: 'Vim', version: string(v:versionlong)},
    workspaceFolders: [{uri: Uri(getcwd()), name: fnamemodify(getcwd(), ':t')}],
    initializationOptions: extend({crossFileEdits: true}, get(g:, 'tacit_settings', {})),
    capabilities: {general: {positionEncodings: ['utf-8']}, experimental: {suggestionReady: true, closedFiles: true},
      window: {showDocument: {support: true}, workDoneProgress: true},
      workspace: {applyEdit: true, workspaceEdit: {documentChanges: true}, symbol: {}},
      textDocument: {inlineCompletion: {}, publishDiagnostics: {}, codeAction: {dataSupport: true,
        codeActionLiteralSupport: {codeActionKind: {valueSet: []}}, resolveSupport: {properties: ['edit']}}}}}, Initialized)
enddef

def Initialized(result: dict<any>)
  timer_stop(late)
  commands = get(result.capabilities, 'executeCommandProvider', {commands: []}).commands
  Send('initialized', {})
  ready = true
  call(Heard.ready, [])
enddef

export def Stop()
  Send('shutdown', {}, (_) => 0)
  Send('exit')
  wanted = false
  Forget()
enddef

export def Restart()
  Stop()
  deaths = []
  timer_start(300, (_) => Start())
enddef

def Ended(gone: job)
  if gone == server && wanted
    Forget()
    deaths = deaths->filter((_, time) => time > localtime() - 60)->add(localtime())
    if len(deaths) > 3
      Tell("the server keeps ending.\n`tacit doctor` in a terminal says why; `:Tacit restart` tries again.")
    else
      timer_start(300, (_) => Start())
    endif
  endif
enddef

def Forget()
  timer_stop(late)
  call(Heard.lost, [])
  [ready, documents] = [false, {}]
enddef

# A notification, or with `Then` a request. `aloud`: the user asked for it, and is told what is wrong.
export def Send(method: string, params: any = {}, Then: func = null_function, aloud = false)
  if ch_status(server) !=# 'open'
    if aloud
      Tell('the server does not run; `:Tacit restart` starts it.')
    endif
  elseif Then == null_function
    ch_sendexpr(server, {method: method, params: params})
  else
    ch_sendexpr(server, {method: method, params: params}, {callback: (_, reply) => {
      if has_key(reply, 'result')
        Then(reply.result)
      elseif aloud
        Tell(reply.error.message)
      endif
    }})
  endif
enddef

def Receive(message: dict<any>)
  var [params, result] = [get(message, 'params', {}), null]
  if message.method ==# 'textDocument/publishDiagnostics'
    problems[params.uri] = params.diagnostics
    call(Heard.problems, [Buffer(params.uri)])
  elseif message.method ==# 'tacit/suggestionReady'
    call(Heard.late, [])
  elseif message.method ==# 'window/showMessage'
    Tell(params.message->substitute('^Tacit:\? ', '', ''))
  elseif message.method ==# '$/progress'
    echo 'Tacit:' get(params.value, 'title', '') get(params.value, 'message', '')
  elseif message.method ==# 'workspace/applyEdit'
    result = {applied: Change(params.edit)}
  elseif message.method ==# 'window/showDocument'
    Visit(Path(params.uri), get(params, 'selection', {start: {line: 0, character: 0}}).start)
    result = {success: true}
  endif
  if has_key(message, 'id')
    ch_sendexpr(server, {id: message.id, result: result})
  endif
enddef

# Buffers -------------------------------------------------------------------------------------------------------

def Uri(path: string): string
  return 'file://' .. (path[0] ==# '/' ? '' : '/') .. path->tr('\', '/')->substitute('[^A-Za-z0-9_.~/:-]', (m) =>
    range(strlen(m[0]))->mapnew((_, at) => printf('%%%02X', char2nr(strpart(m[0], at, 1))))->join(''), 'g')
enddef

export def Path(uri: string): string
  return uri->substitute('\v^file://(/\ze\a:)?', '', '')->substitute('\v(\%\x\x)+', (m) =>
    eval('"' .. m[0]->substitute('%', '\\x', 'g') .. '"'), 'g')
enddef

export def Buffer(uri: string): number # -1: the server knows of none
  return documents->keys()->filter((_, each) => documents[each].uri ==# uri)->get(0, '-1')->str2nr()
enddef

export def Problems(buffer: number): list<any>
  return get(problems, get(documents, buffer, {uri: ''}).uri, [])
enddef

# How many members both begin with. Lists are compared by halves, which is faster than their members one by one.
def Alike(one: list<string>, other: list<string>): number
  var [low, high] = [0, min([len(one), len(other)])]
  while low < high
    var middle = (low + high + 1) / 2
    [low, high] = one[low : middle - 1] ==# other[low : middle - 1] ? [middle, high] : [low, middle - 1]
  endwhile
  return low
enddef

# Have the server know the buffer as it is now; whether it does. Each line has an end.
export def Sync(buffer: number): bool
  if !ready || getbufvar(buffer, '&buftype') !=# '' || !bufloaded(buffer)
    return false
  endif
  var [lines, end] = [getbufline(buffer, 1, '$'), getbufvar(buffer, '&fileformat') ==# 'dos' ? "\r\n" : "\n"]
  var tick = getbufvar(buffer, 'changedtick')
  if !has_key(documents, buffer)
    var uri = bufname(buffer) ==# '' ? $'untitled:{buffer}' : Uri(fnamemodify(bufname(buffer), ':p'))
    documents[buffer] = {uri: uri, version: 1, lines: lines, tick: tick}
    Send('textDocument/didOpen', {textDocument: {uri: uri, languageId: getbufvar(buffer, '&filetype') ?? 'plaintext',
      version: 1, text: join(lines + [''], end)}})
    return true
  endif
  var document = documents[buffer]
  if document.tick != tick
    # What is the same above and below is not sent again.
    var old: list<string> = document.lines
    var above = Alike(old, lines)
    var below = Alike(reverse(old[above :]), reverse(lines[above :]))
    document->extend({version: document.version + 1, lines: lines, tick: tick})
    Send('textDocument/didChange', {textDocument: {uri: document.uri, version: document.version}, contentChanges: [{
      range: {start: {line: above, character: 0}, end: {line: len(old) - below, character: 0}},
      text: join(lines->slice(above, len(lines) - below) + [''], end)}]})
  endif
  return true
enddef

export def Saved(buffer: number)
  if Sync(buffer)
    Send('textDocument/didSave', {textDocument: {uri: documents[buffer].uri}})
  endif
enddef

export def Closed(buffer: number)
  if has_key(documents, buffer)
    Send('textDocument/didClose', {textDocument: {uri: remove(documents, buffer).uri}})
  endif
enddef

# Make `edits`, the last one first so that the others' places hold.
export def Replace(buffer: number, edits: list<any>)
  bufload(buffer)
  setbufvar(buffer, '&buflisted', true)
  for each in edits->copy()->sort((a, b) => b.range.start.line - a.range.start.line
      ?? b.range.start.character - a.range.start.character)
    var [first, last] = [each.range.start, each.range.end]
    var old = getbufline(buffer, first.line + 1, last.line + 1)
    var beyond = last.line >= getbufinfo(buffer)[0].linecount # behind the last line's end
    var new = split(strpart(get(old, 0, ''), 0, first.character) .. each.newText->substitute('\r\n\?', '\n', 'g')
      .. (beyond ? '' : strpart(old[-1], last.character)), "\n", true)
    if beyond && new[-1] ==# ''
      remove(new, -1)
    endif
    var both = min([len(old), len(new)])
    setbufline(buffer, first.line + 1, new->slice(0, both))
    appendbufline(buffer, first.line + both, new->slice(both))
    silent deletebufline(buffer, first.line + both + 1, first.line + len(old))
  endfor
  Sync(buffer)
enddef

# A WorkspaceEdit: all of it, or nothing where a buffer has changed meanwhile.
export def Change(change: dict<any>): bool
  for part in change.documentChanges
    var [buffer, version] = [Buffer(part.textDocument.uri), get(part.textDocument, 'version', null)]
    if buffer > 0 && Sync(buffer) && version != null && version != documents[buffer].version
      return false
    endif
  endfor
  call(Heard.lost, [])
  for part in change.documentChanges
    var known = Buffer(part.textDocument.uri)
    Replace(known > 0 ? known : bufadd(Path(part.textDocument.uri)), part.edits)
  endfor
  return true
enddef

export def Visit(path: string, place: dict<any>)
  normal! m'
  if path !=# '' && fnamemodify(path, ':p') !=# expand('%:p')
    execute (&modified && !&hidden ? 'split' : 'edit') fnameescape(fnamemodify(path, ':~:.'))
  endif
  cursor(min([place.line + 1, line('$')]), place.character + 1)
  normal! zv
enddef

# A menu of what can be done at these lines: a quick fix, a sketch to apply, the next edit.
export def Action(line1: number, line2: number)
  if !Sync(bufnr())
    Tell('the server does not run; `:Tacit restart` starts it.')
    return
  endif
  var uri = documents[bufnr()].uri
  var at = line1 == line2 && line1 == line('.') ? col('.') - 1 : -1
  var touched = Problems(bufnr())->copy()->filter((_, each) =>
    each.range.start.line < line2 && each.range.end.line >= line1 - 1)
  Send('textDocument/codeAction', {textDocument: {uri: uri}, context: {diagnostics: touched, triggerKind: 1}, range: {
    start: {line: line1 - 1, character: max([at, 0])},
    end: {line: line2 - 1, character: at < 0 ? strlen(getline(line2)) : at}}}, Offer, true)
enddef

def Offer(actions: any)
  if empty(actions)
    Tell('there is nothing to be done here.')
  else
    var titles = mapnew(actions, (_, each) => each.title)
    popup_menu(titles, {callback: (_, chosen) => chosen > 0 ? Do(actions[chosen - 1]) : 0})
  endif
enddef

def Do(action: dict<any>)
  if get(action, 'data', null) != null && !has_key(action, 'edit')
    Send('codeAction/resolve', action, (resolved) => Do(extend(resolved, {data: null})), true)
  elseif has_key(action, 'edit') && !Change(action.edit)
    Tell('the text has changed meanwhile; choose again.')
  elseif has_key(action, 'command')
    Send('workspace/executeCommand', type(action.command) == v:t_string ? action : action.command, (_) => 0, true)
  endif
enddef
