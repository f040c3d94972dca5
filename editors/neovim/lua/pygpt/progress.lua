--- The server's jobs under way, as its progress messages tell of them: for the status line, and to stop them.
local M = {}

--- Milliseconds for which a job's last words stay, and between two drawings of the status line.
local LAST_WORDS = 5000
local DRAWN_EVERY = 100

---@class pygpt.Job
---@field client_id integer
---@field token lsp.ProgressToken
---@field title string
---@field message string

---@type pygpt.Job[] The oldest first.
local jobs = {}
local last_words = ""
local said = 0 -- how many last words there were
local is_shown, is_drawing = false, false

--- Draw the status line, if it shows ours, soon: reports may come by the hundred.
local function draw()
  if is_shown and not is_drawing then
    is_drawing = true
    vim.defer_fn(function()
      is_drawing = false
      vim.cmd.redrawstatus({ bang = true })
    end, DRAWN_EVERY)
  end
end

---@param words string
local function say(words)
  last_words, said = words, said + 1
  local this = said
  vim.defer_fn(function()
    if this == said then
      last_words = ""
      draw()
    end
  end, LAST_WORDS)
end

---@param client_id integer
---@param token lsp.ProgressToken
---@return integer?
local function find(client_id, token)
  for index, job in ipairs(jobs) do
    if job.client_id == client_id and job.token == token then
      return index
    end
  end
end

--- The jobs under way; those of a server that has ended are none.
---@return pygpt.Job[]
function M.jobs()
  jobs = vim.tbl_filter(function(job)
    return vim.lsp.get_client_by_id(job.client_id) ~= nil
  end, jobs)
  return jobs
end

--- `LspProgress` of our server.
---@param data { client_id: integer, params: lsp.ProgressParams }
function M.update(data)
  local token, value = data.params.token, data.params.value
  local index = find(data.client_id, token)
  if value.kind == "begin" then
    local job = { client_id = data.client_id, token = token, title = value.title, message = value.message or "" }
    table.insert(jobs, job)
  elseif value.kind == "report" and index then
    jobs[index].message = value.message or jobs[index].message
  elseif value.kind == "end" then
    if index then
      table.remove(jobs, index)
    end
    say(value.message or "")
    require("pygpt.saving").all()
    if #M.jobs() == 0 then
      require("pygpt.chats").at_rest()
    end
  end
  draw()
end

---@return string
function M.status()
  is_shown = true
  local running = M.jobs()
  local job = running[1]
  if not job then
    return last_words
  end
  local words = job.message == "" and job.title or (job.title .. ": " .. job.message)
  return #running > 1 and ("%s (+%d)"):format(words, #running - 1) or words
end

return M
