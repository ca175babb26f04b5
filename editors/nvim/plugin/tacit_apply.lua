-- Tacit: `:TacitApply` turns a sketch into an edit of its file, `:TacitApplyPreview` shows what that would change.
-- The sketch: the fenced block at the cursor, the selected lines (`:'<,'>TacitApply`), or a register (`:TacitApply +`).
-- `:help vim.lsp.buf.code_action()` offers the same, and each part of a change alone.
if vim.g.loaded_tacit_apply or not vim.lsp.enable then return end
vim.g.loaded_tacit_apply = true

local function any_client(buf) return vim.lsp.get_clients({ name = 'tacit', bufnr = buf })[1] end

local function what(args, attached)
  local uri = attached and vim.uri_from_bufnr(0) or nil
  if args.reg ~= '' then return { sketch = vim.fn.getreg(args.reg), document = uri } end
  -- The server has the text of the buffers that it is attached to; not of scratch buffers.
  local text = not attached and table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') or nil
  return { sketch = text, document = uri, lines = { args.line1 - 1, args.line2 - 1 } }
end

local function command(name, description)
  return function(args)
    local attached = any_client(0)
    local client = attached or any_client()
    if not client then return vim.notify('Tacit is not running', vim.log.levels.WARN) end
    local params = { command = name, arguments = { what(args, attached) } }
    client:request('workspace/executeCommand', params, function(err)
      if err then vim.notify('Tacit: ' .. err.message, vim.log.levels.WARN) end
    end)
  end, { range = true, register = true, desc = description }
end

vim.api.nvim_create_user_command('TacitApply', command('tacit.apply', 'Apply a sketch'))
vim.api.nvim_create_user_command('TacitApplyPreview', command('tacit.previewApply', 'Show what a sketch would change'))

-- Previews are documents that only the server has.
vim.api.nvim_create_autocmd('BufReadCmd', {
  group = vim.api.nvim_create_augroup('tacit_apply', {}),
  pattern = 'tacit://*',
  callback = function(args)
    local client = any_client()
    local reply = client and client:request_sync('workspace/textDocumentContent', { uri = args.match }, 2000)
    local text = reply and reply.result and reply.result.text or ''
    vim.api.nvim_buf_set_lines(args.buf, 0, -1, true, vim.split((text:gsub('\n$', '')), '\r?\n'))
    vim.cmd('setlocal buftype=nofile bufhidden=wipe nomodifiable filetype=diff')
  end,
})
