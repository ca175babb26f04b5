-- Tacit: starts the server for every file, shows its suggestions as ghost text, accepts them with <Tab>.
-- `let g:tacit_tab = v:false` before this file is read leaves <Tab> alone; map <Plug>(tacit-accept) instead.
if vim.g.loaded_tacit or not vim.lsp.enable then
  return
end
vim.g.loaded_tacit = true

vim.lsp.enable('tacit')
if not vim.lsp.inline_completion then
  return -- Neovim 0.11: no ghost text yet; suggestions come through the completion menu.
end

local group = vim.api.nvim_create_augroup('tacit', {})

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    local scope = { client_id = args.data.client_id }
    if client and client.name == 'tacit' and not vim.lsp.inline_completion.is_enabled(scope) then
      vim.lsp.inline_completion.enable(true, scope)
    end
  end,
})

-- The cursor's row and the length of its line when the last answer came, by buffer.
local answered = {}

vim.api.nvim_create_autocmd('LspRequest', {
  group = group,
  callback = function(args)
    local request = args.data.request
    local current = args.buf == vim.api.nvim_get_current_buf()
    if current and request.type == 'complete' and request.method == 'textDocument/inlineCompletion' then
      local row = vim.api.nvim_win_get_cursor(0)[1]
      answered[args.buf] = { row = row, length = #vim.api.nvim_get_current_line() }
    end
  end,
})

-- Neovim goes on showing a suggestion while its own text is typed, but would insert it where it was first
-- offered, and so double what was typed. Take that back first; refuse when something else was typed.
local function rebase(item)
  if not item.range then
    return item
  end
  local line, cursor = vim.api.nvim_get_current_line(), vim.api.nvim_win_get_cursor(0)
  local row, first, _, last = item.range:to_extmark()
  local at = answered[vim.api.nvim_get_current_buf()] or { row = cursor[1], length = #line }
  local typed = #line - at.length
  local offered_at = cursor[2] - typed
  local on_its_line = cursor[1] == at.row and cursor[1] == row + 1
  local same_text = vim.startswith(item.insert_text, line:sub(first + 1, cursor[2]))
  if not on_its_line or typed < 0 or offered_at < first or offered_at > last or not same_text then
    vim.api.nvim_feedkeys('\t', 'nt', false)
    return nil
  end
  vim.go.undolevels = vim.go.undolevels -- `:help undo-break`: one `u` takes back the suggestion alone
  vim.api.nvim_buf_set_text(0, row, offered_at, row, cursor[2], {})
  return item
end

local function accept()
  return vim.lsp.inline_completion.get({ on_accept = rebase })
end

vim.keymap.set('i', '<Plug>(tacit-accept)', accept, { desc = 'Accept the suggestion' })

if vim.g.tacit_tab ~= false then
  -- What <Tab> meant before (a snippet jump, a completion menu) stays when there is nothing to accept.
  local before = vim.fn.maparg('<Tab>', 'i', false, true)
  vim.keymap.set('i', '<Tab>', function()
    if accept() then
      return ''
    elseif before.callback then
      local keys = before.callback()
      return before.expr == 1 and keys or ''
    end
    return before.expr == 1 and vim.api.nvim_eval(before.rhs) or before.rhs or '<Tab>'
  end, { expr = true, desc = 'Accept the suggestion, or <Tab>' })
end
