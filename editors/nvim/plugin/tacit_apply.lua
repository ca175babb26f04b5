-- Tacit: `:TacitApply` turns a sketch into an edit of its file, `:TacitApplyPreview` shows what that would change.
-- The sketch: the fenced block at the cursor, the selected lines (`:'<,'>TacitApply`), or a register (`:TacitApply +`).
-- `:help vim.lsp.buf.code_action()` offers the same, and each part of a change alone.
local function complain(text) vim.notify('Tacit: ' .. text, vim.log.levels.WARN) end

for name, command in pairs({ TacitApply = 'tacit.apply', TacitApplyPreview = 'tacit.previewApply' }) do
  vim.api.nvim_create_user_command(name, function(args)
    local here = vim.lsp.get_clients({ name = 'tacit', bufnr = 0 })[1]
    local client = here or vim.lsp.get_clients({ name = 'tacit' })[1]
    if not client then return complain('it is not running; :checkhealth tacit says why.') end
    local what = { document = here and vim.uri_from_bufnr(0) }
    if args.reg ~= '' then
      what.sketch = vim.fn.getreg(args.reg)
    else
      -- The server has the text of the buffers that it is attached to; not of scratch buffers.
      what.sketch = not here and table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') or nil
      what.lines = { args.line1 - 1, args.line2 - 1 }
    end
    client:request('workspace/executeCommand', { command = command, arguments = { what } }, function(err)
      if err then complain(err.message) end
    end)
  end, { range = true, register = true, desc = 'Apply a sketch, or show what that would change' })
end
