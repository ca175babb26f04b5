" Tacit for Vim: starts the server, shows ghost text and next edits, and takes them with <Tab>. See README.md.
if !has('vim9script') || !has('patch-9.0.0185') || !has('textprop') || !has('channel')
  echomsg 'Tacit needs Vim 9.0.185 or newer with +channel and +textprop (`vim --version`); Vim goes on without it.'
  finish
endif
vim9script noclear
if exists('g:loaded_tacit')
  finish
endif
g:loaded_tacit = true

# One server for all buffers. Nothing here waits for it. Positions on the wire are bytes, as Vim's are.
var command: list<string> = get(g:, 'tacit_command', ['tacit', 'serve', '--log', 'warning'])
var server: job
var ready = false
var wanted = false # false: never started, or stopped on purpose
var deaths: list<number> = []
var commands: list<string> = []
var documents: dict<dict<any>> = {} # by buffer number: what the server knows
var problems: dict<list<any>> = {} # by URI
var ghost: dict<any> = {} # ghost text on the screen
var edit: dict<any> = {} # the next edit on the screen
var hint = 0 # the popup that says where it is
var asked: list<any> = []

# The server ----------------------------------------------------------------------------------------------------

def Tell(text: string)
  popup_notification(split($'Tacit: {text}', "\n"), {time: 15000, highlight: 'WarningMsg'})
enddef

def Start()
  wanted = true
  if &encoding !=# 'utf-8' || !executable(command[0])
    Tell(&encoding !=# 'utf-8' ? 'needs `set encoding=utf-8` in the vimrc.' : $"there is no program {command[0]}.\n"
      .. 'Install it (`pipx install tacit`) or set g:tacit_command; then `:Tacit restart`.')
    return
  endif
  server = job_start(command, {in_mode: 'lsp', out_mode: 'lsp', err_io: 'null', noblock: 1, stoponexit: '',
    out_cb: (_, message) => Receive(message), exit_cb: (gone, _) => Ended(gone)})
  Send('initialize', {processId: getpid(), clientInfo: {name: 'Vim', version: string(v:versionlong)},
    workspaceFolders: [{uri: Uri(getcwd()), name: fnamemodify(getcwd(), ':t')}],
    initializationOptions: extend({crossFileEdits: true}, get(g:, 'tacit_settings', {})),
    capabilities: {general: {positionEncodings: ['utf-8']},
      window: {showDocument: {support: true}, workDoneProgress: true},
      workspace: {applyEdit: true, workspaceEdit: {documentChanges: true}, symbol: {}},
      textDocument: {inlineCompletion: {}, publishDiagnostics: {}, codeAction: {dataSupport: true,
        codeActionLiteralSupport: {codeActionKind: {valueSet: []}}, resolveSupport: {properties: ['edit']}}}}}, Initialized)
enddef

def Initialized(result: dict<any>)
  commands = get(result.capabilities, 'executeCommandProvider', {commands: []}).commands
  if index(commands, 'tacit.rejectNextEdit') < 0
    Tell($'{command[0]} is older than this plugin. `pipx upgrade tacit`, then `:Tacit restart`.')
    Stop()
    return
  endif
  Send('initialized', {})
  ready = true
  Enter()
enddef

def Stop()
  Send('shutdown', {}, (_) => 0)
  Send('exit')
  wanted = false
  Forget()
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
  Hide()
  [ready, documents, asked] = [false, {}, []]
enddef

# A notification, or with `Then` a request. `aloud`: the user asked for it, and is told what is wrong.
def Send(method: string, params: any = {}, Then: func = null_function, aloud = false)
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
    DrawProblems(Buffer(params.uri))
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

def Path(uri: string): string
  return uri->substitute('\v^file://(/\ze\a:)?', '', '')->substitute('\v(\%\x\x)+', (m) =>
    eval('"' .. m[0]->substitute('%', '\\x', 'g') .. '"'), 'g')
enddef

def Buffer(uri: string): number # -1: the server knows of none
  return documents->keys()->filter((_, each) => documents[each].uri ==# uri)->get(0, '-1')->str2nr()
enddef

# Have the server know the buffer as it is now; whether it does. Each line has an end.
def Sync(buffer: number): bool
  if !ready || getbufvar(buffer, '&buftype') !=# '' || !bufloaded(buffer)
    return false
  endif
  var [lines, end] = [getbufline(buffer, 1, '$'), getbufvar(buffer, '&fileformat') ==# 'dos' ? "\r\n" : "\n"]
  var tick = getbufvar(buffer, 'changedtick')
  if !has_key(documents, buffer)
    var uri = bufname(buffer) ==# '' ? $'untitled:{buffer}' : Uri(fnamemodify(bufname(buffer), ':p'))
    documents[buffer] = {uri: uri, version: 1, lines: lines, tick: tick}
    Send('textDocument/didOpen', {textDocument: {uri: uri, languageId: getbufvar(buffer, '&filetype') ?? 'plaintext',
      version: 1, text: lines->mapnew((_, line) => line .. end)->join('')}})
    return true
  endif
  var document = documents[buffer]
  if document.tick != tick
    # What is the same above and below is not sent again.
    var old: list<string> = document.lines
    var [above, below, most] = [0, 0, min([len(old), len(lines)])]
    while above < most && old[above] ==# lines[above]
      above += 1
    endwhile
    while below < most - above && old[-1 - below] ==# lines[-1 - below]
      below += 1
    endwhile
    document->extend({version: document.version + 1, lines: lines, tick: tick})
    Send('textDocument/didChange', {textDocument: {uri: document.uri, version: document.version}, contentChanges: [{
      range: {start: {line: above, character: 0}, end: {line: len(old) - below, character: 0}},
      text: lines[above : len(lines) - below - 1]->mapnew((_, line) => line .. end)->join('')}]})
  endif
  return true
enddef

def Enter()
  if !wanted
    Start()
  elseif Sync(bufnr())
    Send('textDocument/didFocus', {textDocument: {uri: documents[bufnr()].uri}})
    DrawProblems(bufnr())
    ShowHint()
  endif
enddef

def Saved(buffer: number)
  if Sync(buffer)
    Send('textDocument/didSave', {textDocument: {uri: documents[buffer].uri}})
  endif
enddef

def Closed(buffer: number)
  if has_key(documents, buffer)
    Send('textDocument/didClose', {textDocument: {uri: remove(documents, buffer).uri}})
  endif
enddef

# Make `edits`, the last one first so that the others' places hold.
def Replace(buffer: number, edits: list<any>)
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
    if len(new) > both
      appendbufline(buffer, first.line + both, new->slice(both))
    elseif len(old) > both
      deletebufline(buffer, first.line + both + 1, first.line + len(old))
    endif
  endfor
  Sync(buffer)
enddef

# A WorkspaceEdit: all of it, or nothing where a buffer has changed meanwhile.
def Change(change: dict<any>): bool
  var parts = get(change, 'documentChanges', [])->copy()
  parts += get(change, 'changes', {})->items()->map((_, each) => ({textDocument: {uri: each[0]}, edits: each[1]}))
  for part in parts
    var [buffer, version] = [Buffer(part.textDocument.uri), get(part.textDocument, 'version', null)]
    if buffer > 0 && Sync(buffer) && version != null && version != documents[buffer].version
      return false
    endif
  endfor
  Hide()
  for part in parts
    var known = Buffer(part.textDocument.uri)
    Replace(known > 0 ? known : bufadd(Path(part.textDocument.uri)), part.edits)
  endfor
  return true
enddef

def Visit(path: string, place: dict<any>)
  normal! m'
  if path !=# '' && fnamemodify(path, ':p') !=# expand('%:p')
    execute (&modified && !&hidden ? 'split' : 'edit') fnameescape(fnamemodify(path, ':~:.'))
  endif
  cursor(min([place.line + 1, line('$')]), place.character + 1)
  normal! zv
enddef

# Ghost text and next edits -------------------------------------------------------------------------------------

def State(): list<any>
  return [bufnr(), b:changedtick, line('.'), col('.'), mode()]
enddef

# The text or the cursor may be another than before.
def Changed()
  FollowTyping()
  if State() == asked || !Sync(bufnr())
    return
  endif
  asked = State()
  if mode() ==# 'i' && !pumvisible()
    Ask('textDocument/inlineCompletion', (answer) =>
      empty(answer.items) ? [HideGhost(), AskForEdit()] : [HideEdit(), HideGhost(), ShowGhost(answer.items[0])])
  else
    HideGhost()
    AskForEdit()
  endif
enddef

def AskForEdit()
  Ask('textDocument/copilotInlineEdit', (answer) => empty(answer.edits) ? HideEdit() : ShowEdit(answer.edits[0]))
enddef

# An answer counts only where nothing has changed since the question.
def Ask(method: string, Then: func)
  var [state, document] = [State(), documents[bufnr()]]
  Send(method, {textDocument: {uri: document.uri, version: document.version}, context: {triggerKind: 2},
    position: {line: line('.') - 1, character: col('.') - 1}}, (answer) => State() == state ? Then(answer) : 0)
enddef

# Lines of virtual text: the first at a column, or below the line as the others are.
def Draw(buffer: number, type: string, lines: list<string>, line: number, column: number)
  for [at, text] in lines->mapnew((_, each) => substitute(each, '\t', repeat(' ', &tabstop), 'g'))->items()
    if at > 0 || column == 0
      prop_add(max([line, 1]), 0, {bufnr: buffer, type: type, text: text ?? ' ', text_align: line > 0 ? 'below' : 'above'})
    elseif text !=# ''
      prop_add(line, column, {bufnr: buffer, type: type, text: text})
    endif
  endfor
enddef

def Erase(buffer: number, ...types: list<string>)
  for type in types
    prop_remove({type: type, bufnr: buffer, all: true}, 1, getbufinfo(buffer)[0].linecount)
  endfor
enddef

# The item begins with what stands before the cursor, and may take in what stands after it.
def ShowGhost(item: dict<any>)
  var text = item.insertText->strpart(col('.') - 1 - item.range.start.character)
  var taken = getline('.')->strpart(col('.') - 1, item.range.end.character - col('.') + 1)
  if text->strpart(strlen(text) - strlen(taken)) ==# taken
    [text, taken] = [text->strpart(0, strlen(text) - strlen(taken)), '']
  endif
  ghost = {text: text, taken: strlen(taken), line: line('.'), column: col('.'), whole: getline('.')}
  Draw(bufnr(), 'TacitGhost', split(text, "\n", true), ghost.line, ghost.column)
  if taken !=# ''
    prop_add(ghost.line, ghost.column, {type: 'TacitDelete', length: strlen(taken)})
  endif
enddef

# What is typed along ghost text is taken off it at once; anything else takes it down.
def FollowTyping()
  if !empty(ghost)
    var [before, at, typed] = [ghost, ghost.column - 1, col('.') - ghost.column]
    var along = line('.') == before.line && typed >= 0 && typed < strlen(before.text) && getline('.') ==#
      strpart(before.whole, 0, at) .. strpart(before.text, 0, typed) .. strpart(before.whole, at)
    if typed != 0 || !along
      HideGhost()
      if along
        ShowGhost({insertText: strpart(before.text, typed), range: {start: {character: col('.') - 1},
          end: {character: col('.') - 1 + before.taken}}})
      endif
    endif
  endif
enddef

def HideGhost()
  if !empty(ghost)
    ghost = {}
    Erase(bufnr(), 'TacitGhost', 'TacitDelete')
  endif
enddef

def ShowEdit(item: dict<any>)
  HideEdit()
  var buffer = Buffer(item.textDocument.uri)
  if buffer < 0 || item.textDocument.version != documents[buffer].version
    return
  endif
  var [first, last, count] = [item.range.start, item.range.end, getbufinfo(buffer)[0].linecount]
  edit = {buffer: buffer, item: item, first: first.line + 1, tick: getbufvar(buffer, 'changedtick'),
    last: max([first.line + 1, last.line + (last.character > 0 ? 1 : 0)])}
  var [line, column] = last.line < count ? [last.line + 1, last.character + 1]
    : [count, strlen(getbufline(buffer, '$')[0]) + 1]
  if first != last
    prop_add(edit.first, first.character + 1, {bufnr: buffer, type: 'TacitDelete', end_lnum: line, end_col: column})
  endif
  var lines = split(item.text, "\n", true)
  var behind = strpart(getbufline(buffer, line)[0], column - 1)
  if first.character + last.character == 0 && lines[-1] ==# '' # whole lines
    Draw(buffer, 'TacitInsert', lines[: -2], min([last.line, count]), 0)
  elseif len(lines) == 1 || behind ==# ''
    Draw(buffer, 'TacitInsert', lines, line, column)
  else
    var head = strpart(getbufline(buffer, edit.first)[0], 0, first.character)
    Draw(buffer, 'TacitInsert', split(head .. item.text .. behind, "\n", true), line, 0)
  endif
  Send('textDocument/didShowInlineEdit', {item: item})
  silent! nnoremap <buffer> <nowait> <Esc> <ScriptCmd>Reject()<CR>
  ShowHint()
enddef

def There(): bool # the cursor is where the edit is: so it is made, and not jumped to
  return edit.buffer == bufnr() && line('.') >= min([edit.first, line('$')]) && line('.') <= edit.last
enddef

# At the window's edge, where the edit is out of sight.
def ShowHint()
  if hint > 0
    popup_close(hint)
    hint = 0
  endif
  if !empty(edit) && (edit.buffer != bufnr() || edit.first < line('w0') || edit.first > line('w$'))
    var place = edit.buffer == bufnr() ? '' : fnamemodify(bufname(edit.buffer), ':t') .. ', '
    var up = place ==# '' && edit.first < line('w0')
    hint = popup_create($' Tab: {up ? "↑" : "↓"} {place}line {edit.first} ', {pos: 'topright', highlight: 'TacitHint',
      line: win_screenpos(0)[0] + (up ? 0 : winheight(0) - 1), col: win_screenpos(0)[1] + winwidth(0) - 1})
  endif
enddef

def HideEdit()
  if !empty(edit)
    if bufloaded(edit.buffer)
      Erase(edit.buffer, 'TacitInsert', 'TacitDelete')
    endif
    edit = {}
    silent! nunmap <buffer> <Esc>
    ShowHint()
  endif
enddef

def Hide()
  HideGhost()
  HideEdit()
enddef

def Visible(): bool
  return !pumvisible() && (!empty(ghost) || !empty(edit))
enddef

# Put `text` in place of a range of this buffer, and the cursor at its end.
def Put(range: dict<any>, text: string)
  var lines = split(text->substitute('\n$', '', ''), "\n", true)
  Replace(bufnr(), [{range: range, newText: text}])
  cursor(range.start.line + max([len(lines), 1]), (len(lines) > 1 ? 0 : range.start.character) + strlen(get(lines, -1, '')) + 1)
  Changed()
enddef

def PutGhost(text: string, taken: number)
  var [line, character] = [line('.') - 1, col('.') - 1]
  Put({start: {line: line, character: character}, end: {line: line, character: character + taken}}, text)
enddef

# Make what is shown so, or go where it is.
def Accept()
  if !empty(ghost)
    var accepted = ghost
    HideGhost()
    PutGhost(accepted.text, accepted.taken)
  elseif empty(edit) || edit.tick != getbufvar(edit.buffer, 'changedtick')
    HideEdit()
  elseif !There()
    Visit(bufname(edit.buffer), edit.item.range.start)
  else
    var item = edit.item
    HideEdit()
    Put(item.range, item.text)
    Send('workspace/executeCommand', {command: item.command.command, arguments: item.command.arguments})
  endif
enddef

def AcceptWord()
  PutGhost(ghost.text->matchstr('\v^\_s*%(\k+|[^[:keyword:][:space:]]+|$)'), 0)
enddef

def Reject()
  if !empty(edit)
    Send('workspace/executeCommand', {command: 'tacit.rejectNextEdit', arguments: edit.item.command.arguments})
  endif
  Hide()
enddef

# Problems, actions, search -------------------------------------------------------------------------------------

def DrawProblems(buffer: number)
  if buffer > 0
    Erase(buffer, 'TacitProblem', 'TacitMessage')
    for each in get(problems, documents[buffer].uri, [])
      var [first, last] = [each.range.start, each.range.end]
      silent! prop_add(first.line + 1, first.character + 1,
        {bufnr: buffer, type: 'TacitProblem', end_lnum: last.line + 1, end_col: last.character + 1})
      silent! prop_add(first.line + 1, 0, {bufnr: buffer, type: 'TacitMessage', text_align: 'after',
        text_padding_left: 2, text: '■ ' .. split(each.message, "\n")[0]})
    endfor
  endif
enddef

# A menu of what can be done at these lines: a quick fix, a sketch to apply, the next edit.
def Action(line1: number, line2: number)
  if !Sync(bufnr())
    Tell('the server does not run; `:Tacit restart` starts it.')
    return
  endif
  var uri = documents[bufnr()].uri
  var at = line1 == line2 && line1 == line('.') ? col('.') - 1 : -1
  var touched = get(problems, uri, [])->copy()->filter((_, each) =>
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

def Search(query: string)
  Send('workspace/symbol', {query: query}, (found) => {
    setqflist([], ' ', {title: $'Tacit: {query}', items: mapnew(found ?? [], Entry)})
    copen
  }, true)
enddef

def Entry(_: number, symbol: dict<any>): dict<any>
  var location = symbol.location
  return {filename: Path(location.uri), lnum: location.range.start.line + 1, text: symbol.name}
enddef

def ListProblems()
  setloclist(0, get(problems, documents[bufnr()].uri, [])->mapnew((_, each) => ({bufnr: bufnr(), text: each.message,
    lnum: each.range.start.line + 1, col: each.range.start.character + 1})))
  lopen
enddef

# `:Tacit why`, `:Tacit snooze 30`: any command of the server's.
def Command(name: string, ...arguments: list<string>)
  if name ==# 'restart'
    Stop()
    deaths = []
    timer_start(300, (_) => Start())
  else
    Send('workspace/executeCommand', {command: $'tacit.{name}', arguments: arguments->mapnew((_, each) =>
      each =~# '^\d\+$' ? str2nr(each) : each)}, (_) => 0, true)
  endif
enddef

def Names(_: string, _: string, _: number): string
  return commands->mapnew((_, each) => strpart(each, strlen('tacit.')))->add('restart')->join("\n")
enddef

command! -range TacitAction Action(<line1>, <line2>)
command! -nargs=1 TacitSearch Search(<q-args>)
command! TacitProblems ListProblems()
command! -nargs=+ -complete=custom,Names Tacit Command(<f-args>)

# Keys and events -----------------------------------------------------------------------------------------------

inoremap <expr> <Plug>(tacit-accept) Visible() ? "\<C-G>u\<ScriptCmd>Accept()\<CR>\<C-G>u" : ''
inoremap <expr> <Plug>(tacit-accept-word) empty(ghost) ? '' : "\<C-G>u\<ScriptCmd>AcceptWord()\<CR>"
inoremap <Plug>(tacit-dismiss) <ScriptCmd>Reject()<CR>
nnoremap <Plug>(tacit-accept) <ScriptCmd>Accept()<CR>
nnoremap <Plug>(tacit-dismiss) <ScriptCmd>Reject()<CR>

# Where nothing is shown, a key does what it did before: that lives on under a <Plug> name.
def Map(mode: string, key: string, action: string)
  var before = maparg(key, mode, false, true)
  var otherwise = $'<Plug>(tacit-{mode}-before-{key[1 : -2]})'
  if empty(before) || before.buffer == 1
    execute $'{mode}noremap {otherwise} {key}'
  else
    silent! remove(before, 'lhsrawalt')
    mapset(mode, false, extend(before, {lhs: otherwise, lhsraw: eval($'"\{otherwise}"')}))
  endif
  execute $'{mode}map <silent> <expr> {key} Visible() ? "\<Plug>(tacit-{action})" : "\{otherwise}"'
enddef

def MapAll()
  if get(g:, 'tacit_tab', true)
    Map('i', '<Tab>', 'accept')
    Map('n', '<Tab>', 'accept')
    Map('i', '<C-Right>', 'accept-word')
    Map('i', '<C-]>', 'dismiss')
  endif
enddef

def Colours()
  highlight default TacitGhost ctermfg=8 guifg=#808080
  highlight default link TacitInsert DiffAdd
  highlight default link TacitDelete DiffDelete
  highlight default link TacitHint Pmenu
  highlight default TacitProblem cterm=underline gui=undercurl
  highlight default link TacitMessage WarningMsg
enddef
Colours()
for type in ['TacitGhost', 'TacitInsert', 'TacitDelete', 'TacitProblem', 'TacitMessage']
  prop_type_add(type, {highlight: type, priority: 100})
endfor

augroup tacit
  autocmd!
  autocmd BufEnter,FileType * Enter()
  autocmd TextChanged,TextChangedI,TextChangedP,InsertEnter,InsertLeave,CursorMovedI,CompleteDone * Changed()
  autocmd CursorMoved,WinScrolled * ShowHint()
  autocmd CompleteChanged * HideGhost()
  autocmd BufWritePost * Saved(str2nr(expand('<abuf>')))
  autocmd BufReadPre,BufUnload * Closed(str2nr(expand('<abuf>')))
  autocmd VimLeavePre * Stop()
  autocmd ColorScheme * Colours()
  autocmd VimEnter * ++once MapAll()
augroup END
if v:vim_did_enter
  MapAll()
  Enter()
endif
