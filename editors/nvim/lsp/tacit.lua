-- Tacit for Neovim's own LSP client: `:help lsp-config`. Needs Neovim 0.11; ghost text needs 0.12.
return {
  cmd = { 'tacit' },
  root_markers = { '.git', '.hg', 'pyproject.toml', 'package.json', 'Cargo.toml', 'go.mod' },
  -- Each keystroke is sent at once: the server reads ahead while Neovim still waits for a pause in the typing.
  flags = { debounce_text_changes = 0 },
}
