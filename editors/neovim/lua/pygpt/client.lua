--- The server as a client of Neovim's: found, or started where there is none, and told what to do.
local M = {}

local NAME = "pygpt"

--- Milliseconds a server may take to start, and between two looks whether it has.
local PATIENCE = 15000
local LOOK_EVERY = 20

--- How often a server that has died is started again by itself, in so many milliseconds.
local RESTARTS = 3
local WITHIN = 180000

--- When servers died lately.
---@type integer[]
local deaths = {}

---@param sentence string What happened and what to do.
---@param level? integer
function M.tell(sentence, level)
  vim.notify("PyGPT: " .. sentence, level or vim.log.levels.ERROR)
end

--- A client that runs: the buffer's, else any where the buffer has none, as a help page.
---@param bufnr integer
---@return vim.lsp.Client?
function M.running(bufnr)
  local own = vim.lsp.get_clients({ bufnr = bufnr, name = NAME })[1]
  if own or vim.bo[bufnr].buftype == "" then
    return own
  end
  return vim.lsp.get_clients({ name = NAME })[1]
end

--- The program that is to be started, as the configuration names it.
---@return string
function M.program()
  local config = vim.lsp.config[NAME]
  local cmd = config and config.cmd
  return type(cmd) == "table" and cmd[1] or "pygpt-lsp"
end

--- Start a server that has no buffer yet.
---@param bufnr integer
local function start_alone(bufnr)
  local config = vim.deepcopy(vim.lsp.config[NAME])
  local function start(root)
    config.root_dir = root
    vim.lsp.start(config, { attach = false })
  end
  if type(config.root_dir) == "function" then
    config.root_dir(bufnr, start)
  else
    start(config.root_dir)
  end
end

---@param bufnr integer
---@param run fun(client: vim.lsp.Client)
---@param left integer Milliseconds.
local function when_started(bufnr, run, left)
  local client = M.running(bufnr)
  if client then
    run(client)
  elseif left <= 0 then
    M.tell("The server does not start: see :checkhealth pygpt.")
  elseif vim.api.nvim_buf_is_valid(bufnr) then
    vim.defer_fn(function()
      when_started(bufnr, run, left - LOOK_EVERY)
    end, LOOK_EVERY)
  end
end

--- Run something with the client for a buffer; where there is none, a server is started first, meanwhile Neovim
--- goes on.
---@param bufnr integer
---@param run fun(client: vim.lsp.Client)
function M.with(bufnr, run)
  local client = M.running(bufnr)
  if client then
    run(client)
    return
  end
  if vim.fn.executable(M.program()) == 0 then
    M.tell(M.program() .. " is not found: install it, or name it with vim.lsp.config(), see :help pygpt-install.")
    return
  end
  if vim.bo[bufnr].buftype == "" then
    vim.lsp.enable(NAME) -- attaches to all buffers, and starts anew what has ended
  else
    start_alone(bufnr)
  end
  when_started(bufnr, run, PATIENCE)
end

--- `on_exit` of our client: one that died is started again. At once, since Neovim would not tell the next server
--- of changes in a buffer that was changed while it had none.
---@param code integer
---@param signal integer
function M.ended(code, signal)
  local died = code ~= 0 or (signal ~= 0 and signal ~= 15)
  if not died or vim.v.exiting ~= vim.NIL then
    return
  end
  local now = vim.uv.now()
  deaths = vim.tbl_filter(function(time)
    return now - time < WITHIN
  end, deaths)
  table.insert(deaths, now)
  vim.schedule(function()
    if #deaths <= RESTARTS then
      vim.lsp.enable(NAME)
    else
      M.tell("The server has died " .. #deaths .. " times and is left alone: see :checkhealth pygpt.")
    end
  end)
end

--- Have the server run a command.
---@param client vim.lsp.Client
---@param command string
---@param argument table<string, any>
function M.execute(client, command, argument)
  local arguments = { next(argument) and argument or vim.empty_dict() }
  client:exec_cmd({ title = command, command = command, arguments = arguments })
end

return M
