-- The next edit: shows the one that the server offers, jumps there, makes it. What to offer is the server's business.
local api, lsp = vim.api, vim.lsp
local M = {}
local namespace = api.nvim_create_namespace('tacit.next_edit')
local shown, timer, hinted -- the edit, what is to be done soon, the buffer with a hint

-- A completion menu goes first: Neovim's own, blink.cmp's, nvim-cmp's.
local function menu()
  local blink, cmp = package.loaded['blink.cmp'], package.loaded.cmp
  return vim.fn.pumvisible() == 1 or (blink and blink.is_menu_visible()) or (cmp and cmp.visible())
end

local function valid() return shown and api.nvim_buf_is_valid(shown.buf) and vim.b[shown.buf].changedtick == shown.tick end

-- Where it is, if it cannot be seen from here: a text, and the line at whose end to show it.
local function elsewhere()
  local line, top, bottom = shown.row + 1, vim.fn.line('w0'), vim.fn.line('w$')
  if shown.buf ~= api.nvim_get_current_buf() then
    return (' ⇥ %s:%d '):format(vim.fs.basename(api.nvim_buf_get_name(shown.buf)), line), bottom
  elseif line < top or line > bottom then
    return (' ⇥ line %d %s '):format(line, line < top and '↑' or '↓'), line < top and top or bottom
  end
end

local function paint()
  local function mark(...) pcall(api.nvim_buf_set_extmark, shown.buf, namespace, ...) end
  local function virtual(line) return { { line == '' and ' ' or line, 'TacitAdd' } } end
  local row, column, lines = shown.end_row, shown.end_column, vim.split(shown.edit.text, '\n')
  local deleted = { 'DiffDelete', 'TacitDelete' }
  mark(shown.row, shown.column, { end_row = row, end_col = column, hl_group = deleted, hl_eol = true })
  local between = #lines > 1 and lines[#lines] == '' and column == 0 -- whole lines, between lines
  if not between and lines[1] ~= '' then
    mark(row, column, { virt_text = virtual(lines[1]), virt_text_pos = 'inline' })
  end
  local below = vim.tbl_map(virtual, vim.list_slice(lines, between and 1 or 2, between and #lines - 1 or #lines))
  mark(between and math.max(row - 1, 0) or row, 0, { virt_lines = below, virt_lines_above = between and row == 0 })
end

local function later(act)
  if timer then timer:stop() end
  timer = vim.defer_fn(act, 100)
end

function M.draw()
  for _, buf in pairs({ shown and shown.buf, hinted }) do
    if api.nvim_buf_is_valid(buf) then api.nvim_buf_clear_namespace(buf, namespace, 0, -1) end
  end
  if not valid() then return end
  if menu() then return later(M.draw) end -- not every menu tells when it closes
  local hint, line = elsewhere()
  if not hint then return paint() end
  hinted = api.nvim_get_current_buf()
  local mark = { virt_text = { { hint, 'TacitHint' } }, virt_text_pos = 'right_align' }
  api.nvim_buf_set_extmark(hinted, namespace, line - 1, 0, mark)
end

-- Takes it down, and returns it if it could still have been made.
function M.clear()
  local was = valid() and shown
  if shown then shown.tick = -1 end
  M.draw()
  shown = nil
  return was
end

local function show(client, edit)
  M.clear()
  local buf = edit and vim.uri_to_bufnr(edit.textDocument.uri)
  local open = buf and api.nvim_buf_is_loaded(buf)
  if buf and edit.textDocument.version == (open and lsp.util.buf_versions[buf] or vim.NIL) then
    shown = { client = client, edit = edit, buf = buf, tick = vim.b[buf].changedtick, row = edit.range.start.line }
    if open then
      local range = vim.range.lsp(buf, edit.range, client.offset_encoding)
      shown.row, shown.column, shown.end_row, shown.end_column = range:to_extmark()
    end
    M.draw()
    client:notify('textDocument/didShowInlineEdit', { item = { command = edit.command } })
  end
end

function M.request()
  local buf, tick = api.nvim_get_current_buf(), vim.b.changedtick
  local client = lsp.get_clients({ bufnr = buf, name = 'tacit' })[1]
  if not client then return end
  local params = lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = lsp.util.buf_versions[buf]
  -- No server sees what others say, so ours is told.
  local others = vim.tbl_filter(function(each) return each.source ~= 'tacit' end, vim.diagnostic.get(buf))
  params.diagnostics = lsp.diagnostic.from(vim.list_slice(others, 1, 100))
  client:request('textDocument/copilotInlineEdit', params, function(_, result)
    if result and api.nvim_get_current_buf() == buf and vim.b.changedtick == tick then show(client, result.edits[1]) end
  end, buf)
end

-- What is shown goes with the text that it was for; the next is asked for once typing rests.
function M.changed()
  M.clear()
  later(M.request)
end

local function jump(at)
  local place = { uri = at.edit.textDocument.uri, range = at.edit.range }
  lsp.util.show_document(place, at.client.offset_encoding, { focus = true })
  vim.cmd('normal! zz')
  return (valid() and M.draw or M.changed)() -- a file that was not open is asked about anew
end

local function apply(at)
  vim.go.undolevels = vim.go.undolevels -- `:help undo-break`
  lsp.util.apply_text_edits({ { range = at.edit.range, newText = at.edit.text } }, at.buf, at.client.offset_encoding)
  local lines = vim.split(at.edit.text, '\n')
  local row = math.min(at.row + #lines, api.nvim_buf_line_count(at.buf))
  api.nvim_win_set_cursor(0, { row, (#lines == 1 and at.column or 0) + #lines[#lines] })
  at.client:exec_cmd(at.edit.command, { bufnr = at.buf })
end

-- Jumps if it cannot be seen, else makes it; whether there was anything to do.
function M.accept()
  if not valid() or menu() then return false end
  local act = elsewhere() and jump or apply
  vim.schedule_wrap(act)(act == jump and shown or M.clear())
  return true
end

function M.reject()
  local was = M.clear()
  if not was then return end
  was.client:exec_cmd({ title = '', command = 'tacit.rejectNextEdit', arguments = was.edit.command.arguments })
end

-- Other servers have said something, or ours has come to an end: where nothing is shown, it may know better now.
function M.problems()
  if not valid() then later(M.request) end
end

function M.entered()
  local client = lsp.get_clients({ bufnr = 0, name = 'tacit' })[1]
  if client then client:notify('textDocument/didFocus', { textDocument = lsp.util.make_text_document_params() }) end
  M.draw()
end

return M
