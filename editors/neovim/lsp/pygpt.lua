-- The server for `vim.lsp.enable("pygpt")`. Without `filetypes` it attaches to every file Neovim knows a
-- type for, chats included; one server serves all files of a workspace.
--
-- This file works alone, copied to `lsp/` of a configuration. With the plugin's other folders in place chats
-- open in a split, an answer is one undo step, and there is `:PyGPT`.

local has_plugin, handlers = pcall(require, "pygpt.handlers")

---@type vim.lsp.Config
return {
  cmd = { "pygpt-lsp" },
  -- The nearest folder with one of the two. A nested list in `root_markers` says the same, but is an error
  -- before Neovim 0.11.3.
  root_dir = function(bufnr, on_dir)
    local git, own = vim.fs.root(bufnr, ".git"), vim.fs.root(bufnr, ".pygpt")
    on_dir(own and #own > #(git or "") and own or git)
  end,
  -- Tell the server of each change at once. With Neovim's usual delay an answer can arrive for a text that
  -- has just changed, and Neovim does not check the version of a buffer's very first edit.
  flags = { debounce_text_changes = 0 },
  handlers = has_plugin and handlers or nil,
  on_exit = has_plugin and require("pygpt.client").ended or nil,
}
