-- Starts the server, and says once what is wrong and what helps if it is missing, old, slow, or ends again and again.
local M = { oldest = '0.1.0', slow_ms = 10000 }
local ends, attached = {}, false

local function tell(problem, ...)
  problem = problem:format(...)
  if M.problem == problem then return end
  M.problem = problem
  vim.schedule_wrap(vim.notify)('Tacit: ' .. problem, vim.log.levels.WARN)
end

local function ended(how)
  ends = vim.list_slice({ vim.uv.now(), unpack(ends) }, 1, 3)
  local again = #ends < 3 or ends[1] - ends[3] > 60000
  local advice = '`tacit doctor` looks for the reason, :TacitRestart tries again.'
  if not again then tell('its server ended three times within a minute (%s).\n' .. advice, how) end
  vim.schedule_wrap(vim.lsp.enable)('tacit', false)
  vim.defer_fn(function() vim.lsp.enable('tacit', again) end, 100 * #ends)
end

-- As Neovim starts it, but that an end nobody asked for is `ended`'s business, and not a message each time.
local function start(dispatchers, config)
  local on_exit = dispatchers.on_exit
  dispatchers.on_exit = function(code, signal)
    on_exit(0, 0)
    if vim.v.exiting == vim.NIL and signal ~= 15 and code + signal > 0 then
      ended(signal > 0 and 'signal ' .. signal or 'exit code ' .. code)
    end
  end
  attached = false
  vim.defer_fn(function()
    local advice = 'its server has not answered for %g s. `tacit doctor` looks for the reason.'
    if not attached and #ends == 0 then tell(advice, M.slow_ms / 1000) end
  end, M.slow_ms)
  return vim.lsp.rpc.start(M.command, dispatchers, { cwd = config.cmd_cwd, env = config.cmd_env })
end

function M.attached(client)
  attached = true
  local version = vim.tbl_get(client, 'server_info', 'version') or '0.0.0'
  local advice = 'its server is version %s, and this wants %s. Update it, then run `tacit setup nvim --write`.'
  if vim.version.lt(version, M.oldest) then tell(advice, version, M.oldest) end
end

function M.enable()
  M.command = M.command or vim.lsp.config.tacit.cmd
  if type(M.command) == 'table' then
    if vim.fn.executable(M.command[1]) == 0 then
      return tell('%s is not there. Install Tacit, then run `tacit setup nvim --write`.', M.command[1])
    end
    vim.lsp.config('tacit', { cmd = start })
  end
  vim.lsp.enable('tacit')
end

function M.restart()
  ends, M.problem = {}, nil
  vim.lsp.enable('tacit', false)
  vim.defer_fn(M.enable, 500)
end

return M
