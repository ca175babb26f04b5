-- The next edit: shows the one that the server offers, jumps there, makes it. What to offer is the server's business.
local M = {}
local namespace = vim.api.nvim_create_namespace('tacit.next_edit')
local shown, pending, timer, hinted ---@type table?, table?, table?, integer?

-- A completion menu goes first: Neovim's own, blink.cmp's, nvim-cmp's.
local function menu()
  local function open(plugin, question)
    local module = package.loaded[plugin]
    return module and module[question] and module[question]()
  end
  return vim.fn.pumvisible() == 1 or open('blink.cmp', 'is_menu_visible') or open('cmp', 'visible')
end

local function valid()
  return shown and vim.api.nvim_buf_is_loaded(shown.buf) and vim.b[shown.buf].changedtick == shown.tick
end

local function elsewhere()
  return shown.buf ~= vim.api.nvim_get_current_buf() or shown.row + 1 < vim.fn.line('w0') or shown.row + 1 > vim.fn.line('w$')
end

local function paint()
  local function mark(row, column, options)
    pcall(vim.api.nvim_buf_set_extmark, shown.buf, namespace, row, column, options)
  end
  mark(shown.row, shown.column, { end_row = shown.end_row, end_col = shown.end_column, hl_group = 'TacitDelete', hl_eol = true })
  local lines = vim.split(shown.edit.text, '\n')
  local whole = #lines > 1 and lines[#lines] == '' and shown.end_column == 0 -- lines between lines
  if whole then
    table.remove(lines)
  elseif lines[1] ~= '' then
    mark(shown.end_row, shown.end_column, { virt_text = { { lines[1], 'TacitAdd' } }, virt_text_pos = 'inline' })
  end
  local below = vim.tbl_map(function(line)
    return { { line == '' and ' ' or line, 'TacitAdd' } }
  end, vim.list_slice(lines, whole and 1 or 2))
  if #below > 0 then
    local above = whole and shown.end_row == 0
    mark(whole and not above and shown.end_row - 1 or shown.end_row, 0, { virt_lines = below, virt_lines_above = above })
  end
end

-- At the edge of the window beyond which it is; at the bottom where it is in another file.
local function hint()
  local here = shown.buf == vim.api.nvim_get_current_buf()
  local up = here and shown.row + 1 < vim.fn.line('w0')
  local where = here and 'line ' or vim.fn.fnamemodify(vim.api.nvim_buf_get_name(shown.buf), ':t') .. ':'
  local text = (' ⇥ %s%d %s '):format(where, shown.row + 1, not here and '' or up and '↑' or '↓')
  hinted = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_extmark(hinted, namespace, vim.fn.line(up and 'w0' or 'w$') - 1, 0, {
    virt_text = { { text, 'TacitHint' } },
    virt_text_pos = 'right_align',
  })
end

function M.draw()
  for _, buf in pairs({ shown and shown.buf, hinted }) do
    if vim.api.nvim_buf_is_valid(buf) then
      vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
    end
  end
  if valid() and not menu() then
    (elsewhere() and hint or paint)()
  end
end

function M.clear()
  local was = valid() and shown
  if shown then
    shown.tick = -1
    M.draw()
    shown = nil
  end
  return was
end

local function show(client, edit)
  M.clear()
  if not edit then
    return
  end
  local buf = vim.uri_to_bufnr(edit.textDocument.uri)
  vim.fn.bufload(buf)
  if edit.textDocument.version ~= vim.lsp.util.buf_versions[buf] then
    return
  end
  local range = vim.range.lsp(buf, edit.range, client.offset_encoding)
  local row, column, end_row, end_column = range:to_extmark()
  shown = { client = client, edit = edit, buf = buf, tick = vim.b[buf].changedtick }
  shown = vim.tbl_extend('error', shown, { row = row, column = column, end_row = end_row, end_column = end_column })
  M.draw()
  client:notify('textDocument/didShowInlineEdit', { item = { command = edit.command } })
end

-- `kind` 1: the user asks, and so sees even what is improbable.
function M.request(kind)
  local buf = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'tacit' })[1]
  if not client then
    return
  end
  if pending then
    pending.client:cancel_request(pending.id)
  end
  local tick = vim.b[buf].changedtick
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = vim.lsp.util.buf_versions[buf]
  params.context = { triggerKind = kind or 2 }
  local _, id = client:request('textDocument/copilotInlineEdit', params, function(_, result)
    pending = nil
    if result and vim.api.nvim_get_current_buf() == buf and vim.b[buf].changedtick == tick then
      show(client, result.edits[1])
    end
  end, buf)
  pending = id and { client = client, id = id }
end

-- What is shown goes with the text that it was for; the next is asked for once typing rests.
function M.changed()
  M.clear()
  if timer then
    timer:stop()
  end
  timer = vim.defer_fn(M.request, 100)
end

function M.accept()
  if not valid() or menu() then
    return false
  end
  local at = shown
  if elsewhere() then
    vim.schedule(function()
      vim.cmd("normal! m'")
      vim.api.nvim_win_set_buf(0, at.buf)
      vim.api.nvim_win_set_cursor(0, { at.row + 1, at.column })
      vim.cmd('normal! zz')
      M.draw()
    end)
    return true
  end
  M.clear()
  vim.schedule(function()
    vim.go.undolevels = vim.go.undolevels -- `:help undo-break`
    vim.lsp.util.apply_text_edits({ { range = at.edit.range, newText = at.edit.text } }, at.buf, at.client.offset_encoding)
    local lines = vim.split(at.edit.text, '\n')
    local column = (#lines == 1 and at.column or 0) + #lines[#lines]
    local row = math.min(at.row + #lines, vim.api.nvim_buf_line_count(at.buf))
    vim.api.nvim_win_set_cursor(0, { row, column })
    at.client:exec_cmd(at.edit.command, { bufnr = at.buf })
  end)
  return true
end

function M.reject()
  local was = M.clear()
  if was then
    was.client:exec_cmd({ title = '', command = 'tacit.rejectNextEdit', arguments = was.edit.command.arguments })
  end
  return false -- the key means what it did, too
end

function M.entered()
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = 0, name = 'tacit' })) do
    client:notify('textDocument/didFocus', { textDocument = { uri = vim.uri_from_bufnr(0) } })
  end
  M.draw()
end

return M
