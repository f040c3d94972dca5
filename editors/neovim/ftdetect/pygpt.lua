-- A chat is Markdown even where a plugin has taken `.md` for something else.
vim.filetype.add({ pattern = { [".*%.chat%.md"] = { "markdown", { priority = 10 } } } })
