-- `:checkhealth tacit`
local M = {}

function M.check()
  local health, server = vim.health, require('tacit.server')
  health.start('Tacit')
  if vim.fn.has('nvim-0.12') == 1 then
    health.ok('Neovim has ghost text')
  else
    health.warn('this Neovim has no ghost text: suggestions come through the completion menu', 'Neovim 0.12 has it.')
  end
  local command = server.command or (vim.lsp.config.tacit or {}).cmd
  if type(command) ~= 'table' or vim.fn.executable(command[1]) == 1 then
    health.ok('the server: ' .. (type(command) == 'table' and table.concat(command, ' ') or 'started by a function'))
  else
    health.error(command[1] .. ' is not there', 'Install Tacit, then run `tacit setup nvim --write`.')
  end
  if server.problem then
    health.error(server.problem)
  end
  local client = vim.lsp.get_clients({ name = 'tacit' })[1]
  if not client then
    return health.warn('the server is not running', { 'Open a file.', '`:TacitRestart`', '`tacit doctor`, in a terminal' })
  end
  health.ok('version ' .. vim.tbl_get(client, 'server_info', 'version') .. ' runs')
  local reply = client:request_sync('workspace/executeCommand', { command = 'tacit.status' }, 2000)
  local phase = reply and vim.tbl_get(reply, 'result', 'model', 'phase')
  local say = phase == 'ready' and health.ok or health.warn
  say('the model: ' .. (phase or 'no answer within two seconds'), phase ~= 'ready' and '`tacit doctor`, in a terminal' or nil)
  local tab = vim.fn.maparg('<Tab>', 'i', false, true).desc or 'something else'
  health.info('<Tab> in Insert mode: ' .. tab)
  for _, other in ipairs({ 'copilot', 'copilot_ls' }) do
    if vim.lsp.is_enabled(other) then
      health.info(('`%s` is enabled as well: if it starts Tacit too, next edits are shown twice'):format(other))
    end
  end
end

return M
