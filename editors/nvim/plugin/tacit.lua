-- Tacit: starts the server for every file; shows its suggestions as ghost text and the next edit where it belongs.
-- <Tab> takes what is shown or goes there, <C-Right> takes a word of ghost text; <C-]> or, in normal mode, <Esc> dismisses.
-- `let g:tacit_tab = v:false` before this file is read leaves all keys alone; map the <Plug> names instead.
if vim.g.loaded_tacit or not vim.lsp.enable then return end
vim.g.loaded_tacit = true

local server = require('tacit.server')
server.enable()
vim.api.nvim_create_user_command('TacitRestart', server.restart, { desc = 'Start the server again' })
-- Neovim 0.11: suggestions come through the completion menu, next edits as code actions.
if not vim.lsp.inline_completion then return end

local next_edit = require('tacit.next_edit')
local group = vim.api.nvim_create_augroup('tacit', {})
local function on(events, callback) vim.api.nvim_create_autocmd(events, { group = group, callback = callback }) end

-- A suggestion may come after its request was answered with nothing; the server tells so. Neovim offers no way to ask
-- anew, so what it asks with is remembered.
local function asks_again(client)
  local request, last = client.request, nil
  client.request = function(self, ...)
    if ... == 'textDocument/inlineCompletion' then last = { ... } end
    return request(self, ...)
  end
  client.handlers['tacit/suggestionReady'] = function()
    if last then client:request(unpack(last)) end
    next_edit.problems()
  end
end

on('LspAttach', function(args)
  local client = vim.lsp.get_client_by_id(args.data.client_id)
  if not client or client.name ~= 'tacit' then return end
  server.attached(client)
  if not client.handlers['tacit/suggestionReady'] then asks_again(client) end
  vim.lsp.inline_completion.enable(true, { client_id = client.id })
  next_edit.problems()
end)
on({ 'TextChanged', 'TextChangedI', 'InsertLeave' }, next_edit.changed)
on({ 'WinScrolled', 'CompleteChanged', 'CompleteDone' }, vim.schedule_wrap(next_edit.draw))
on('DiagnosticChanged', next_edit.problems)
on('BufEnter', next_edit.entered)

local function colour()
  -- Where a terminal has only 256 colours, ghost text would look like text.
  local hint = vim.api.nvim_get_hl(0, { name = 'ComplHint', link = false })
  vim.api.nvim_set_hl(0, 'ComplHint', vim.tbl_extend('keep', hint, { ctermfg = 8 }))
  vim.api.nvim_set_hl(0, 'TacitAdd', { link = 'DiffAdd', default = true })
  vim.api.nvim_set_hl(0, 'TacitHint', { link = 'DiffText', default = true })
  vim.api.nvim_set_hl(0, 'TacitDelete', { strikethrough = true, cterm = { strikethrough = true }, default = true })
end
colour()
on('ColorScheme', colour)

-- Neovim goes on showing a suggestion while its own text is typed, but would insert it where it was offered,
-- and so double what was typed since. Take that back first; refuse when something else was typed.
-- The server's ranges are empty at the cursor, or reach from at most the cursor to the line's end.
local function rebase(item)
  local line, cursor = vim.api.nvim_get_current_line(), vim.api.nvim_win_get_cursor(0)
  local row, first, _, last = item.range:to_extmark()
  local typed = (item.range:is_empty() and cursor[2] or #line) - last
  local offered_at = cursor[2] - typed
  local as_suggested = vim.startswith(item.insert_text, line:sub(first + 1, cursor[2]))
  if cursor[1] ~= row + 1 or typed < 0 or offered_at < first or not as_suggested then
    return vim.api.nvim_feedkeys('\t', 'nt', false) -- and nothing of the item
  end
  vim.go.undolevels = vim.go.undolevels -- `:help undo-break`: one `u` takes back the suggestion alone
  vim.api.nvim_buf_set_text(0, row, offered_at, row, cursor[2], {})
  return item
end

local function first_word(item)
  if not rebase(item) then return end
  local _, first = item.range:to_extmark()
  local typed = vim.api.nvim_win_get_cursor(0)[2] - first
  local rest = item.insert_text:sub(typed + 1)
  local word = rest:match('^%s*[%w_\128-\255]+') or rest:match('^%s*[^%w%s_\128-\255]+') or rest
  item.insert_text = item.insert_text:sub(1, typed) .. word
  return item
end

local function accept() return vim.lsp.inline_completion.get({ on_accept = rebase }) or next_edit.accept() end
local function accept_word() return vim.lsp.inline_completion.get({ on_accept = first_word }) end
local function dismiss() return vim.lsp.inline_completion.get({ on_accept = function() end }) or next_edit.reject() end

-- Where `try` has nothing to do, the key means what it meant before: a snippet jump, a completion menu.
local function key(modes, lhs, name, try, description)
  vim.keymap.set(modes, '<Plug>(tacit-' .. name .. ')', try, { desc = description })
  for _, mode in ipairs(vim.g.tacit_tab == false and {} or modes) do
    local before = vim.fn.maparg(lhs, mode, false, true)
    vim.keymap.set(mode, lhs, function()
      if try() then return '' end
      if before.callback then
        local keys = before.callback()
        return before.expr == 1 and keys or ''
      end
      return before.expr == 1 and vim.api.nvim_eval(before.rhs) or before.rhs or lhs
    end, { expr = true, desc = description })
  end
end
key({ 'i' }, '<C-Right>', 'accept-word', accept_word, 'Take a word of the suggestion')
key({ 'i' }, '<C-]>', 'reject', dismiss, 'Dismiss the suggestion')
key({ 'i' }, '<Tab>', 'accept', accept, 'Take the suggestion or the next edit')
key({ 'n' }, '<Tab>', 'accept', next_edit.accept, 'Go to the next edit, or make it')
key({ 'n' }, '<Esc>', 'reject', next_edit.reject, 'Dismiss the next edit')
