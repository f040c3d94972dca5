-- The server for `vim.lsp.enable("pygpt")`. Without `filetypes` it attaches to every file Neovim knows a
-- type for, chats included; one server serves all files of a workspace.

--- Ask a question about the buffer, or about the lines of a range.
---@param client vim.lsp.Client
---@param bufnr integer
---@param command vim.api.keyset.create_user_command.command_args
local function ask(client, bufnr, command)
  local question = { question = command.args, uri = vim.uri_from_bufnr(bufnr) }
  if command.range > 0 then
    question.range = { start_line = command.line1, end_line = command.line2 }
  end
  client:exec_cmd({ title = "Ask", command = "pygpt.ask", arguments = { question } }, { bufnr = bufnr })
end

---@type vim.lsp.Config
return {
  cmd = { "pygpt-lsp" },
  root_markers = { { ".pygpt", ".git" } },
  -- Tell the server of each change at once. With Neovim's usual delay an answer can arrive for a text that
  -- has just changed, and Neovim does not check the version of a buffer's very first edit.
  flags = { debounce_text_changes = 0 },
  on_attach = function(client, bufnr)
    vim.api.nvim_buf_create_user_command(bufnr, "PygptAsk", function(command)
      ask(client, bufnr, command)
    end, { nargs = "*", range = true, desc = "Ask the model about the buffer or the range" })
  end,
}
