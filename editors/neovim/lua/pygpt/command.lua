--- `:PyGPT`: its subcommands and their completion. What each does is the server's matter, the same as in every
--- editor; here it is asked for what Neovim knows.
local chats = require("pygpt.chats")
local server = require("pygpt.client")

local M = {}

--- What a subcommand is about.
---@class pygpt.Call
---@field words string What was typed behind the subcommand.
---@field bufnr integer
---@field lines? { start_line: integer, end_line: integer } The range, if there was one; 1-based, both included.

---@class pygpt.Subcommand
---@field about string
---@field run fun(call: pygpt.Call)
---@field complete? fun(): string[] What may stand behind it.

--- The built-in actions.
local ACTIONS =
  { "commit", "document", "explain", "fix", "implement", "optimize", "review", "rewrite", "simplify", "tests" }

--- Milliseconds that completion may wait for the server.
local COMPLETION = 50

--- The buffer and the range; without one the cursor's place or the whole buffer, where `instead` says so: the
--- server would take what a menu was last opened for.
---@param call pygpt.Call
---@param client vim.lsp.Client
---@param instead? "cursor"|"whole"
---@return table<string, any>
local function place(call, client, instead)
  local argument = {} ---@type table<string, any>
  if vim.bo[call.bufnr].buftype == "" and vim.api.nvim_buf_get_name(call.bufnr) ~= "" then
    argument.uri = vim.uri_from_bufnr(call.bufnr)
    argument.range = call.lines
    if call.lines then
      return argument
    end
    if instead == "cursor" and call.bufnr == vim.api.nvim_get_current_buf() then
      argument.range = vim.lsp.util.make_range_params(0, client.offset_encoding).range
    elseif instead == "whole" and not chats.is_chat(vim.api.nvim_buf_get_name(call.bufnr)) then
      argument.range = { start_line = 1, end_line = vim.api.nvim_buf_line_count(call.bufnr) }
    end
  end
  return argument
end

--- Have the server run a command about the call's place.
---@param call pygpt.Call
---@param command string
---@param fields table<string, string>
---@param instead? "cursor"|"whole"
local function about_place(call, command, fields, instead)
  server.with(call.bufnr, function(client)
    server.execute(client, command, vim.tbl_extend("error", place(call, client, instead), fields))
  end)
end

---@param command string
---@return fun(call: pygpt.Call)
local function plain(command)
  return function(call)
    server.with(call.bufnr, function(client)
      server.execute(client, command, {})
    end)
  end
end

---@param command string
---@return fun(call: pygpt.Call)
local function in_chat(command)
  return function(call)
    local chat = chats.here()
    server.with(chat or call.bufnr, function(client)
      server.execute(client, command, { uri = chat and vim.uri_from_bufnr(chat) })
    end)
  end
end

---@param prompt string
---@param typed fun(words: string) Not called where the user closed the prompt.
local function input(prompt, typed)
  vim.ui.input({ prompt = prompt }, function(words)
    if words then
      typed(vim.trim(words))
    end
  end)
end

--- In a chat a question goes on there; elsewhere it is about the place, in a new chat.
---@param call pygpt.Call
local function ask(call)
  local goes_on = not call.lines and chats.is_chat(vim.api.nvim_buf_get_name(call.bufnr))
  local function send(question)
    if not goes_on then
      about_place(call, "pygpt.ask", { question = question ~= "" and question or nil }, "whole")
    elseif question ~= "" then
      chats.append(call.bufnr, question)
      in_chat("pygpt.chat.send")(call)
    end
  end
  if call.words ~= "" then
    send(call.words)
  else
    input("Ask PyGPT: ", send)
  end
end

--- The menu of code actions, with ours alone.
---@param call pygpt.Call
local function menu(call)
  server.with(call.bufnr, function()
    local lines, range = call.lines, nil
    if lines then
      local last = vim.api.nvim_buf_get_lines(call.bufnr, lines.end_line - 1, lines.end_line, false)[1] or ""
      range = { start = { lines.start_line, 0 }, ["end"] = { lines.end_line, #last } }
    end
    vim.lsp.buf.code_action({
      range = range,
      filter = function(action)
        return vim.startswith(action.title, "PyGPT: ")
      end,
    })
  end)
end

---@param call pygpt.Call
local function action(call)
  local id, instruction = call.words:match("^(%S+)%s*(.*)$")
  if not id then
    menu(call)
    return
  end
  local function run(words)
    about_place(call, "pygpt.action", { id = id, instruction = words ~= "" and words or nil }, "cursor")
  end
  if id == "rewrite" and instruction == "" then
    input("Do: ", function(words)
      if words ~= "" then
        run(words)
      end
    end)
  else
    run(instruction)
  end
end

--- The built-in actions, and the user's prompts that are offered here.
---@return string[]
local function action_ids()
  local ids = vim.deepcopy(ACTIONS)
  local client = server.running(vim.api.nvim_get_current_buf())
  if client then
    local params = vim.lsp.util.make_range_params(0, client.offset_encoding) --[[@as lsp.CodeActionParams]]
    params.context = { diagnostics = {} }
    local answer = client:request_sync("textDocument/codeAction", params, COMPLETION)
    for _, offered in ipairs(answer and answer.result or {}) do
      local argument = vim.tbl_get(offered, "command", "arguments", 1) or {}
      if vim.startswith(argument.id or "", "user:") then
        table.insert(ids, argument.id)
      end
    end
  end
  return ids
end

--- Stop the only job, or those that the user chooses.
local function stop()
  local jobs = require("pygpt.progress").jobs()
  local clients = vim.lsp.get_clients({ name = "pygpt" })
  if #jobs < 2 then
    for _, client in ipairs(clients) do
      server.execute(client, "pygpt.stop", {})
    end
    if #clients == 0 then
      server.tell("Nothing is running.", vim.log.levels.INFO)
    end
    return
  end
  ---@type pygpt.Job[][]
  local choices = { jobs }
  for _, job in ipairs(jobs) do
    table.insert(choices, { job })
  end
  vim.ui.select(choices, {
    prompt = "PyGPT: Stop",
    kind = "pygpt",
    format_item = function(choice)
      return #choice > 1 and "All" or vim.trim(choice[1].title .. " " .. choice[1].message)
    end,
  }, function(choice)
    for _, job in ipairs(choice or {}) do
      local client = vim.lsp.get_client_by_id(job.client_id)
      if client then
        client:notify("window/workDoneProgress/cancel", { token = job.token })
      end
    end
  end)
end

---@param call pygpt.Call
local function history(call)
  server.with(call.bufnr, function(client)
    server.execute(client, "pygpt.history.search", { query = call.words ~= "" and call.words or nil })
  end)
end

---@param call pygpt.Call
local function model(call)
  server.with(call.bufnr, function(client)
    server.execute(client, "pygpt.model.select", { model = call.words ~= "" and call.words or nil })
  end)
end

--- The models that were listed last, where they were too many for a question.
---@return string[]
local function models()
  local client = server.running(vim.api.nvim_get_current_buf())
  local page = client and client.root_dir and vim.fs.joinpath(client.root_dir, ".pygpt/cache/models.chat.md")
  return page and vim.fn.filereadable(page) == 1 and require("pygpt.pages").models(vim.fn.readfile(page)) or {}
end

---@param call pygpt.Call
local function preview(call)
  about_place(call, "pygpt.previewRequest", { question = call.words ~= "" and call.words or nil }, "whole")
end

---@type table<string, pygpt.Subcommand>
local subcommands = {
  action = { about = "Change or explain what is selected or at the cursor", run = action, complete = action_ids },
  apply = { about = "Apply the edits of a chat's last answer", run = in_chat("pygpt.applyLast") },
  ask = { about = "Ask about the selection or the buffer", run = ask },
  chat = {
    about = "Start a chat about the selection",
    run = function(call)
      about_place(call, "pygpt.chat.new", {})
    end,
  },
  history = { about = "Search what was asked before, and open it", run = history },
  last = { about = "Show what was sent last", run = plain("pygpt.showLastRequest") },
  model = { about = "Choose the model", run = model, complete = models },
  preview = { about = "Show what would be sent", run = preview },
  privacy = { about = "Show what has been sent, and where", run = plain("pygpt.privacy.show") },
  regenerate = { about = "Ask for a chat's last answer again", run = in_chat("pygpt.chat.regenerate") },
  send = { about = "Send what is typed in a chat", run = in_chat("pygpt.chat.send") },
  status = { about = "Show the model, where it is asked, and what runs", run = plain("pygpt.showStatus") },
  stop = { about = "Stop what is running", run = stop },
}

--- The menu's order.
local ORDER = {
  "ask",
  "action",
  "chat",
  "send",
  "regenerate",
  "apply",
  "stop",
  "history",
  "model",
  "preview",
  "last",
  "privacy",
  "status",
}

---@param call pygpt.Call
local function choose(call)
  vim.ui.select(ORDER, {
    prompt = "PyGPT",
    kind = "pygpt",
    format_item = function(name)
      return ("%-10s  %s"):format(name, subcommands[name].about)
    end,
  }, function(name)
    if name then
      subcommands[name].run(call)
    end
  end)
end

--- `:PyGPT`.
---@param args vim.api.keyset.create_user_command.command_args
function M.run(args)
  local name, words = args.args:match("^(%S*)%s*(.-)%s*$")
  ---@type pygpt.Call
  local call = { words = words, bufnr = vim.api.nvim_get_current_buf() }
  if args.range > 0 then
    call.lines = { start_line = args.line1, end_line = args.line2 }
  end
  if name == "" then
    choose(call)
  elseif subcommands[name] then
    subcommands[name].run(call)
  else
    server.tell(("There is no :PyGPT %s: see :help :PyGPT."):format(name))
  end
end

--- What may stand at the cursor of a command line with `:PyGPT`.
---@param lead string
---@param line string Up to the cursor.
---@return string[]
function M.complete(lead, line)
  local name = line:match("PyGPT%s+(%S+)%s+%S*$")
  local found = {} ---@type string[]
  if name then
    local subcommand = subcommands[name]
    found = subcommand and subcommand.complete and subcommand.complete() or {}
  elseif line:match("PyGPT%s+%S*$") then
    found = vim.list_slice(ORDER)
  end
  found = vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, found)
  table.sort(found)
  return found
end

return M
