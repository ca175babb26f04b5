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

-- Where a terminal has only 256 colours, ghost text would look like text.
local function distinguish()
  local hint = vim.api.nvim_get_hl(0, { name = 'ComplHint', link = false })
  if not hint.ctermfg then
    vim.api.nvim_set_hl(0, 'ComplHint', vim.tbl_extend('force', hint, { ctermfg = 8 }))
  end
end
distinguish()
vim.api.nvim_create_autocmd('ColorScheme', { group = group, callback = distinguish })

-- Neovim goes on showing a suggestion while its own text is typed, but would insert it where it was offered,
-- and so double what was typed since. Take that back first; refuse when something else was typed.
-- The server's ranges are empty at the cursor, or reach from at most the cursor to the line's end.
local function rebase(item)
  if not item.range then
    return item
  end
  local line, cursor = vim.api.nvim_get_current_line(), vim.api.nvim_win_get_cursor(0)
  local row, first, _, last = item.range:to_extmark()
  local typed = (item.range:is_empty() and cursor[2] or #line) - last
  local offered_at = cursor[2] - typed
  local as_suggested = vim.startswith(item.insert_text, line:sub(first + 1, cursor[2]))
  if cursor[1] ~= row + 1 or typed < 0 or offered_at < first or not as_suggested then
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
