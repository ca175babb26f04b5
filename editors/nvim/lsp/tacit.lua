-- Tacit for Neovim's own LSP client: `:help lsp-config`. Needs Neovim 0.11; ghost text needs 0.12.
return {
  -- Neovim writes all that a server says into one file for ever, so it is told to say little.
  cmd = { 'tacit', 'serve', '--log', 'warning' },
  root_markers = { '.git', '.hg', 'pyproject.toml', 'package.json', 'Cargo.toml', 'go.mod' },
  -- plugin/tacit.lua asks again when a suggestion comes late.
  capabilities = { experimental = { suggestionReady = true, closedFiles = true } },
  -- lua/tacit/next_edit.lua shows an edit of another file there.
  init_options = { tacit = { crossFileEdits = true } },
  -- Each keystroke is sent at once: the server reads ahead while Neovim still waits for a pause in the typing.
  flags = { debounce_text_changes = 0 },
}
