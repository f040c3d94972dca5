--- `:checkhealth pygpt`: what is missing, and what to do about it.
local M = {}

local health = vim.health

--- Milliseconds the server's program may take to tell its version.
local PATIENCE = 10000

local function check_program()
  local program = require("pygpt.client").program()
  if vim.fn.executable(program) == 0 then
    health.error(program .. " is not found", {
      "Install it with pipx install . or pip install . in its folder.",
      'Or name it: vim.lsp.config("pygpt", { cmd = { "/path/to/pygpt-lsp" } }).',
    })
    return
  end
  local done = vim.system({ program, "--version" }, { text = true, timeout = PATIENCE }):wait()
  if done.code == 0 then
    health.ok(("%s (%s)"):format(vim.trim(done.stdout), vim.fn.exepath(program)))
  else
    health.error(("%s does not run: it ended with %d"):format(program, done.code), "Run it in a terminal.")
  end
end

local function check_server()
  local clients = vim.lsp.get_clients({ name = "pygpt" })
  for _, client in ipairs(clients) do
    health.ok(("The server runs for %s"):format(client.root_dir or "files outside of any workspace"))
  end
  if #clients == 0 then
    health.info('No server runs: vim.lsp.enable("pygpt") starts one for every file, :PyGPT the first time it is used.')
  end
end

local function check_key()
  if (vim.env.OPENAI_API_KEY or "") ~= "" then
    health.ok("OPENAI_API_KEY is set")
  else
    health.info("OPENAI_API_KEY is not set here: `pygpt-lsp doctor` tells whether there is another key.")
  end
end

local function check_options()
  local problems = require("pygpt.config").problems()
  for _, problem in ipairs(problems) do
    health.error(problem, "See :help pygpt-options.")
  end
  if #problems == 0 then
    health.ok("The options in vim.g.pygpt can be used")
  end
end

local function check_chats()
  if vim.filetype.match({ filename = "a.chat.md" }) == "markdown" then
    health.ok("Chats are Markdown")
  else
    health.error("Chats (*.chat.md) are not Markdown, so that no server attaches to them", {
      "See that `filetype on` is in force, and that no vim.filetype.add() takes *.md for something else.",
    })
  end
end

function M.check()
  health.start("pygpt")
  check_program()
  check_server()
  check_key()
  check_options()
  check_chats()
end

return M
