-- `:checkhealth tacit`
local function check()
  local health, server = vim.health, require('tacit.server')
  health.start('Tacit')
  if not vim.lsp.inline_completion then
    health.warn('this Neovim has no ghost text: suggestions come through the completion menu', 'Neovim 0.12 has it.')
  end
  if server.problem then health.error(server.problem) end
  local client = vim.lsp.get_clients({ name = 'tacit' })[1]
  if not client then
    return health.warn('the server is not running', { 'Open a file.', '`:TacitRestart`', '`tacit doctor`, in a terminal' })
  end
  health.ok(('version %s runs: %s'):format(client.server_info.version, table.concat(server.command, ' ')))
  local reply = client:request_sync('workspace/executeCommand', { command = 'tacit.status' }, 2000)
  local phase = reply and vim.tbl_get(reply, 'result', 'model', 'phase')
  local say = phase == 'ready' and health.ok or health.warn
  say('the model: ' .. (phase or 'no answer within two seconds'), phase ~= 'ready' and '`tacit doctor`, in a terminal' or nil)
  health.info('<Tab> in Insert mode: ' .. (vim.fn.maparg('<Tab>', 'i', false, true).desc or 'something else'))
end

return { check = check }
