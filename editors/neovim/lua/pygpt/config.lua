--- The options in `vim.g.pygpt`; each may be missing. They are the plugin's own: the server's settings are in
--- `vim.lsp.config`, see |pygpt-settings|.
local M = {}

---@class pygpt.Options
---@field split? "vertical"|"horizontal"|false Where a chat opens; false: in the current window.
---@field follow? boolean Whether a chat's window follows the answer.
---@field save? boolean Whether chats are saved by themselves.

---@class pygpt.Config
---@field split "vertical"|"horizontal"|false
---@field follow boolean
---@field save boolean
local defaults = { split = "vertical", follow = true, save = true }

---@type table<string, any[]>
local allowed = {
  split = { "vertical", "horizontal", false },
  follow = { true, false },
  save = { true, false },
}

--- The options in force: what is given and can be used, else the default.
---@return pygpt.Config
function M.get()
  local config = vim.deepcopy(defaults)
  local given = vim.g.pygpt
  for name, value in pairs(type(given) == "table" and given or {}) do
    if vim.list_contains(allowed[name] or {}, value) then
      config[name] = value
    end
  end
  return config
end

--- What is wrong with `vim.g.pygpt`, a sentence each.
---@return string[]
function M.problems()
  local given = vim.g.pygpt
  if given == nil then
    return {}
  end
  if type(given) ~= "table" then
    return { "vim.g.pygpt must be a table, as in { split = false }." }
  end
  local problems = {} ---@type string[]
  for name, value in vim.spairs(given) do
    local values = allowed[name]
    if not values then
      table.insert(problems, ("vim.g.pygpt has no option %s."):format(tostring(name)))
    elseif not vim.list_contains(values, value) then
      local may_be = table.concat(vim.tbl_map(vim.inspect, values), ", ")
      table.insert(problems, ("vim.g.pygpt.%s must be one of %s."):format(name, may_be))
    end
  end
  return problems
end

return M
