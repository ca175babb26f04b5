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

import autoload 'tacit/lsp.vim'

var ghost: dict<any> = {} # ghost text on the screen
var edit: dict<any> = {} # the next edit on the screen
var hint = 0 # the popup that says where it is
var asked: list<any> = []
var started = false

def Ready()
  if index(lsp.commands, 'tacit.rejectNextEdit') < 0
    lsp.Tell($'{lsp.command[0]} is older than this plugin. `pipx upgrade tacit`, then `:Tacit restart`.')
    lsp.Stop()
  else
    Enter()
  endif
enddef

def Enter()
  if !started
    started = true
    lsp.Start({ready: Ready, lost: Hide, problems: DrawProblems, late: AskAgain})
  elseif lsp.Sync(bufnr())
    lsp.Send('textDocument/didFocus', {textDocument: {uri: lsp.documents[bufnr()].uri}})
    DrawProblems(bufnr())
    ShowHint()
  endif
enddef

# Ghost text and next edits -------------------------------------------------------------------------------------

def State(): list<any>
  return [bufnr(), b:changedtick, line('.'), col('.'), mode()]
enddef

# The text or the cursor may be another than before.
def Changed()
  FollowTyping()
  if State() == asked || !lsp.Sync(bufnr())
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

# A suggestion has come after its request was answered with nothing.
def AskAgain()
  asked = []
  Changed()
enddef

def AskForEdit()
  Ask('textDocument/copilotInlineEdit', (answer) => empty(answer.edits) ? HideEdit() : ShowEdit(answer.edits[0]))
enddef

# An answer counts only where nothing has changed since the question.
def Ask(method: string, Then: func)
  var [state, document] = [State(), lsp.documents[bufnr()]]
  lsp.Send(method, {textDocument: {uri: document.uri, version: document.version}, context: {triggerKind: 2},
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
  var [uri, version] = [item.textDocument.uri, item.textDocument.version]
  var buffer = version == null ? bufadd(lsp.Path(uri)) : lsp.Buffer(uri)
  if buffer >= 0 && version == get(lsp.documents, buffer, {version: null}).version
    edit = {buffer: buffer, item: item, first: item.range.start.line + 1, tick: getbufvar(buffer, 'changedtick')}
    if version != null # else nobody has the file open
      DrawEdit(buffer, item)
    endif
    lsp.Send('textDocument/didShowInlineEdit', {item: item})
    silent! nnoremap <buffer> <nowait> <Esc> <ScriptCmd>Reject()<CR>
    ShowHint()
  endif
enddef

def DrawEdit(buffer: number, item: dict<any>)
  var [first, last, count] = [item.range.start, item.range.end, getbufinfo(buffer)[0].linecount]
  var [line, column] = last.line < count ? [last.line + 1, last.character + 1]
    : [count, strlen(getbufline(buffer, '$')[0]) + 1]
  if first != last
    prop_add(edit.first, first.character + 1, {bufnr: buffer, type: 'TacitDelete', end_lnum: line, end_col: column})
  endif
  var [lines, behind] = [split(item.text, "\n", true), strpart(getbufline(buffer, line)[0], column - 1)]
  if first.character + last.character == 0 && lines[-1] ==# '' # whole lines
    Draw(buffer, 'TacitInsert', lines[: -2], min([last.line, count]), 0)
  elseif len(lines) == 1 || behind ==# ''
    Draw(buffer, 'TacitInsert', lines, line, column)
  else
    var head = strpart(getbufline(buffer, edit.first)[0], 0, first.character)
    Draw(buffer, 'TacitInsert', split(head .. item.text .. behind, "\n", true), line, 0)
  endif
enddef

def There(): bool # the edit can be seen: so it is made, and not jumped to
  return edit.buffer == bufnr() && edit.first >= line('w0') && min([edit.first, line('$')]) <= line('w$')
enddef

# At the window's edge, where the edit is out of sight.
def ShowHint()
  popup_close(hint)
  hint = 0
  if !empty(edit) && !There()
    var place = edit.buffer == bufnr() ? '' : fnamemodify(bufname(edit.buffer), ':t') .. ', '
    var up = place ==# '' && edit.first < line('w0')
    hint = popup_create($' Tab: {up ? "↑" : "↓"} {place}line {edit.first} ', {pos: 'topright', highlight: 'TacitHint',
      line: win_screenpos(0)[0] + (up ? 0 : winheight(0) - 1), col: win_screenpos(0)[1] + winwidth(0) - 1})
  endif
enddef

def HideEdit()
  if !empty(edit)
    silent! Erase(edit.buffer, 'TacitInsert', 'TacitDelete') # unless it is not loaded
    edit = {}
    silent! nunmap <buffer> <Esc>
    ShowHint()
  endif
enddef

def Hide()
  asked = []
  HideGhost()
  HideEdit()
enddef

def Visible(): bool
  return !pumvisible() && (!empty(ghost) || !empty(edit))
enddef

# Put `text` in place of a range of this buffer, and the cursor at its end.
def Put(range: dict<any>, text: string)
  var lines = split(text->substitute('\n$', '', ''), "\n", true)
  lsp.Replace(bufnr(), [{range: range, newText: text}])
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
    lsp.Visit(bufname(edit.buffer), edit.item.range.start)
    AskAgain() # the file may not have been open
  else
    var item = edit.item
    HideEdit()
    Put(item.range, item.text)
    lsp.Send('workspace/executeCommand', {command: item.command.command, arguments: item.command.arguments})
  endif
enddef

def AcceptWord()
  PutGhost(ghost.text->matchstr('\v^\_s*%(\k+|[^[:keyword:][:space:]]+|$)'), 0)
enddef

def Reject()
  if !empty(edit)
    lsp.Send('workspace/executeCommand', {command: 'tacit.rejectNextEdit', arguments: edit.item.command.arguments})
  endif
  Hide()
enddef

# Problems, search, commands -------------------------------------------------------------------------------------

def DrawProblems(buffer: number)
  if buffer > 0
    Erase(buffer, 'TacitProblem', 'TacitMessage')
    for each in lsp.Problems(buffer)
      var [first, last] = [each.range.start, each.range.end]
      silent! prop_add(first.line + 1, first.character + 1,
        {bufnr: buffer, type: 'TacitProblem', end_lnum: last.line + 1, end_col: last.character + 1})
      silent! prop_add(first.line + 1, 0, {bufnr: buffer, type: 'TacitMessage', text_align: 'after',
        text_padding_left: 2, text: '■ ' .. split(each.message, "\n")[0]})
    endfor
  endif
enddef

def List(title: string, items: list<any>, Set: func, open: string)
  if empty(items)
    lsp.Tell($'nothing was found: {title}.')
  else
    call(Set, [[], ' ', {title: $'Tacit: {title}', items: items}])
    execute open
  endif
enddef

def Search(query: string)
  lsp.Send('workspace/symbol', {query: query}, (found) => List(query, mapnew(found ?? [], (_, each) => ({text: each.name,
    filename: lsp.Path(each.location.uri), lnum: each.location.range.start.line + 1})), function('setqflist'), 'copen'), true)
enddef

def ListProblems()
  List('what is probably wrong here', lsp.Problems(bufnr())->mapnew((_, each) => ({text: each.message, bufnr: bufnr(),
    lnum: each.range.start.line + 1, col: each.range.start.character + 1})), function('setloclist', [0]), 'lopen')
enddef

# `:Tacit why`, `:Tacit snooze 30`: any command of the server's.
def Command(name: string, ...arguments: list<string>)
  if name ==# 'restart'
    lsp.Restart()
  else
    lsp.Send('workspace/executeCommand', {command: $'tacit.{name}', arguments: arguments->mapnew((_, each) =>
      each =~# '^\d\+$' ? str2nr(each) : each)}, (_) => 0, true)
  endif
enddef

def Names(_: string, _: string, _: number): string
  return lsp.commands->mapnew((_, each) => strpart(each, strlen('tacit.')))->add('restart')->join("\n")
enddef

command! -range TacitAction lsp.Action(<line1>, <line2>)
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
  highlight default TacitInsert ctermfg=15 ctermbg=22 guifg=#ffffff guibg=#1f6f3f
  highlight default TacitDelete ctermfg=15 ctermbg=52 guifg=#ffffff guibg=#7f2f2f
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
  autocmd TextChanged,TextChangedI,TextChangedP,InsertEnter,CursorMovedI,CompleteDone * Changed()
  autocmd ModeChanged i*:n* Changed() # InsertLeave comes while it is still Insert mode
  autocmd CursorMoved,WinScrolled * ShowHint()
  autocmd CompleteChanged * HideGhost()
  autocmd BufWritePost * lsp.Saved(str2nr(expand('<abuf>')))
  autocmd BufReadPre,BufUnload * lsp.Closed(str2nr(expand('<abuf>')))
  autocmd VimLeavePre * lsp.Stop()
  autocmd ColorScheme * Colours()
  autocmd VimEnter * ++once MapAll()
augroup END
if v:vim_did_enter
  MapAll()
  Enter()
endif
