-- What is there before anything is used: one command, maps to bind keys to, and events that lead to modules
-- loaded when they come. No server is started here: `vim.lsp.enable("pygpt")` is the user's line, for menus in
-- every file from the start; without it the first `:PyGPT` starts it.

if vim.g.loaded_pygpt then
  return
end
vim.g.loaded_pygpt = true

if vim.fn.has("nvim-0.11") == 0 then
  vim.notify("PyGPT: Neovim 0.11 or later is needed.", vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command("PyGPT", function(args)
  require("pygpt.command").run(args)
end, {
  nargs = "*",
  range = true,
  desc = "Ask OpenAI models; without arguments, choose what to do",
  complete = function(lead, line, cursor)
    return require("pygpt.command").complete(lead, line:sub(1, cursor))
  end,
})

local maps = {
  menu = "",
  ask = "ask",
  chat = "chat",
  action = "action",
  send = "send",
  regenerate = "regenerate",
  apply = "apply",
  stop = "stop",
  history = "history",
  model = "model",
  preview = "preview",
}
for name, subcommand in pairs(maps) do
  local command = vim.trim("PyGPT " .. subcommand)
  vim.keymap.set("n", "<Plug>(pygpt-" .. name .. ")", "<Cmd>" .. command .. "<CR>")
  vim.keymap.set("x", "<Plug>(pygpt-" .. name .. ")", ":" .. command .. "<CR>", { silent = true })
end

local group = vim.api.nvim_create_augroup("pygpt", {})

vim.api.nvim_create_autocmd("LspProgress", {
  group = group,
  desc = "PyGPT: what is running, for the status line; a chat is saved when its answer has ended",
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == "pygpt" then
      require("pygpt.progress").update(event.data)
    end
  end,
})

vim.api.nvim_create_autocmd({ "BufReadPost", "BufWritePost" }, {
  group = group,
  pattern = "*.chat.md",
  desc = "PyGPT: a chat is as its file is",
  callback = function(event)
    require("pygpt.saving").same_as_file(event.buf)
  end,
})

vim.api.nvim_create_autocmd({ "TextChanged", "InsertLeave" }, {
  group = group,
  pattern = "*.chat.md",
  desc = "PyGPT: save the chat soon",
  callback = function(event)
    require("pygpt.saving").soon(event.buf)
  end,
})

vim.api.nvim_create_autocmd("QuitPre", {
  group = group,
  desc = "PyGPT: save chats, so that none keeps Neovim from ending",
  callback = function()
    if package.loaded["pygpt.saving"] then
      require("pygpt.saving").all()
    end
  end,
})
