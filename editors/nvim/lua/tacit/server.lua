-- Starts the server, and says once what is wrong and what helps if it is missing, old, slow, or ends again and again.
local M = { oldest = '0.1.0', slow_ms = 10000, problem = nil }
local ends, starts = {}, 0

local function tell(problem)
  if M.problem ~= problem then
    M.problem = problem
    vim.schedule(function()
      vim.notify('Tacit: ' .. problem, vim.log.levels.WARN)
    end)
  end
end

local function ended(how)
  local now = vim.uv.now()
  ends = vim.tbl_filter(function(time)
    return now - time < 60000
  end, ends)
  table.insert(ends, now)
  local again = #ends < 3
  if not again then
    tell('the server ended three times within a minute (' .. how .. ').\n`tacit doctor` looks for the reason; `:TacitRestart` tries again.')
  end
  vim.defer_fn(function()
    vim.lsp.enable('tacit', false)
    if again then
      vim.lsp.enable('tacit')
    end
  end, 100 * #ends)
end

-- As Neovim starts it, but that an end nobody asked for is `ended`'s business, and not a message each time.
local function start(command)
  return function(dispatchers, config)
    local on_exit = dispatchers.on_exit
    dispatchers.on_exit = function(code, signal)
      local wanted = vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) or signal == 15
      on_exit(0, 0)
      if not wanted then
        ended(signal ~= 0 and 'signal ' .. signal or 'exit code ' .. code)
      end
    end
    local before = starts
    vim.defer_fn(function()
      if starts == before and #ends == 0 then
        tell('the server has not answered for ' .. M.slow_ms / 1000 .. ' s. `tacit doctor` looks for the reason.')
      end
    end, M.slow_ms)
    local options = { cwd = config.cmd_cwd, env = config.cmd_env, detached = config.detached }
    return vim.lsp.rpc.start(command, dispatchers, options)
  end
end

function M.attached(client)
  starts = starts + 1
  local version = vim.tbl_get(client, 'server_info', 'version') or '0.0.0'
  if vim.version.lt(version, M.oldest) then
    tell(('the server is version %s, and these files want %s. Update it, then `tacit setup nvim --write`.'):format(version, M.oldest))
  end
end

function M.enable()
  local command = vim.lsp.config.tacit and vim.lsp.config.tacit.cmd
  if type(command) == 'table' then
    M.command = command
    if vim.fn.executable(command[1]) == 0 then
      return tell(command[1] .. ' is not there. Install Tacit, then run `tacit setup nvim --write`.')
    end
    vim.lsp.config('tacit', { cmd = start(command) })
  end
  vim.lsp.enable('tacit')
end

function M.restart()
  ends, M.problem = {}, nil
  vim.lsp.enable('tacit', false)
  vim.defer_fn(M.command and function()
    vim.lsp.config('tacit', { cmd = M.command })
    M.enable()
  end or M.enable, 500)
end

return M
