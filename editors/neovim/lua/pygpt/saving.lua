--- Chats are saved by themselves: once they are at rest, when an answer has ended, and before Neovim ends.
---
--- Only chats in a workspace's cache, each into its own file, and only while that file is as it was read or written
--- last: one that was deleted in the history must not come back. No autocommands run, so that nothing formats
--- what is sent, and nobody waits for the disk.
local config = require("pygpt.config")

local M = {}

--- A workspace's cache: in the workspace, or where there is none or it cannot be written, in the user's own.
local CACHES = { "/%.pygpt/cache/", "/pygpt%-lsp/workspaces/[^/]+/", "/pygpt%-lsp/Cache/workspaces/[^/]+/" }

--- Milliseconds without a change after which a chat is saved.
local AT_REST = 1000

--- The files as their chats were read or written last.
---@type table<integer, string?>
local stamps = {}
---@type table<integer, uv.uv_timer_t>
local timers = {}

---@param bufnr integer
---@return boolean
local function is_ours(bufnr)
  local name = vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr))
  return vim.endswith(name, ".chat.md")
    and vim.iter(CACHES):any(function(cache)
      return name:find(cache) ~= nil
    end)
end

---@param bufnr integer
---@return string? stamp Of the file; nil where there is none.
local function stamp(bufnr)
  local stat = vim.uv.fs_stat(vim.api.nvim_buf_get_name(bufnr))
  return stat and ("%d.%d %d"):format(stat.mtime.sec, stat.mtime.nsec, stat.size)
end

---@param bufnr integer
local function write(bufnr)
  local is_due = vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].modified and not vim.bo[bufnr].readonly
  if not is_due or not is_ours(bufnr) or not stamps[bufnr] or stamp(bufnr) ~= stamps[bufnr] then
    return
  end
  local fsync = vim.go.fsync
  vim.go.fsync = false
  require("pygpt.chats").without_change(bufnr, function()
    vim.api.nvim_buf_call(bufnr, function()
      vim.cmd("silent! noautocmd lockmarks update")
    end)
  end)
  vim.go.fsync = fsync
  M.same_as_file(bufnr)
end

--- The buffer has just been read from its file, or written to it.
---@param bufnr integer
function M.same_as_file(bufnr)
  stamps[bufnr] = stamp(bufnr)
end

--- A chat has changed: save it when it has come to rest.
---@param bufnr integer
function M.soon(bufnr)
  if not config.get().save or not is_ours(bufnr) then
    return
  end
  local timer = timers[bufnr]
  if not timer then
    timer = assert(vim.uv.new_timer())
    timers[bufnr] = timer
  end
  timer:start(
    AT_REST,
    0,
    vim.schedule_wrap(function()
      if timers[bufnr] == timer then
        timers[bufnr] = nil
        timer:close()
        write(bufnr)
      end
    end)
  )
end

--- Save every chat that has changed, now.
function M.all()
  if config.get().save then
    for bufnr in pairs(stamps) do
      if vim.api.nvim_buf_is_valid(bufnr) then
        write(bufnr)
      else
        stamps[bufnr] = nil
      end
    end
  end
end

return M
