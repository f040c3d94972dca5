--- The server's pages as pickers: conversations of the history, and models where there are many.
---
--- The server writes what there is to choose from as a Markdown page, for every editor. It is offered with
--- `vim.ui.select` here; the page itself is one of the choices, and one that is open stays what it is.
local M = {}

---@class pygpt.Choice
---@field label string
---@field command? string
---@field argument? table<string, string>

--- The text of one line that the server wrote as Markdown.
---@param line string
---@return string
local function plain(line)
  return (line:gsub("\\([\\`*_%[%]<>!#|~&])", "%1"))
end

--- The models on a page: "- `gpt-5.5` in use".
---@param lines string[]
---@return string[]
function M.models(lines)
  local models = {} ---@type string[]
  for _, line in ipairs(lines) do
    local _, name = line:match("^%-%s+(`+)(.-)%1")
    if name then
      table.insert(models, #name > 2 and name:match("^ (.*) $") or name)
    end
  end
  return models
end

---@param lines string[]
---@return pygpt.Choice[]
local function model_choices(lines)
  return vim.tbl_map(function(model)
    return { label = model, command = "pygpt.model.select", argument = { model = model } }
  end, M.models(lines))
end

--- The conversations on a page: a heading, with a link or without, and below it "`id` · 2026-11-22 20:10 · …".
---@param lines string[]
---@return pygpt.Choice[]
local function history_choices(lines)
  local choices = {} ---@type pygpt.Choice[]
  local title = nil ---@type string?
  for _, line in ipairs(lines) do
    local heading = line:match("^##%s+(.*)")
    local id, facts = line:match("^`(%w+)` · (.*)")
    if heading then
      title = plain(heading:match("^%[(.*)%]%([^()%s]*%)%s*$") or heading)
    elseif id and title then
      local label = title .. " · " .. plain(facts)
      table.insert(choices, { label = label, command = "pygpt.history.open", argument = { id = id } })
      title = nil
    end
  end
  return choices
end

---@class pygpt.Page
---@field prompt string
---@field choices fun(lines: string[]): pygpt.Choice[]
---@field itself string

---@type table<string, pygpt.Page>
local pages = {
  ["models.chat.md"] = { prompt = "PyGPT: Model", choices = model_choices, itself = "Show them as a page" },
  ["history.chat.md"] = {
    prompt = "PyGPT: History",
    choices = history_choices,
    itself = "Show them as a page, to read what was found, to fork and to delete",
  },
}

--- Offer what is on a page that the server wants to be shown.
---@param client vim.lsp.Client
---@param uri string
---@return boolean offered False where it is no such page, has nothing to choose from, or is open.
function M.offer(client, uri)
  local page = pages[vim.fs.basename(uri)]
  local path = page and vim.uri_to_fname(uri)
  if not page or vim.fn.bufloaded(path) == 1 or vim.fn.filereadable(path) == 0 then
    return false
  end
  local lines = vim.fn.readfile(path)
  if not vim.startswith(lines[1] or "", "<!-- pygpt: ") then
    return false
  end
  local choices = page.choices(lines)
  if #choices == 0 then
    return false
  end
  table.insert(choices, { label = page.itself })
  -- The server is answered first.
  vim.schedule(function()
    vim.ui.select(choices, {
      prompt = page.prompt,
      kind = "pygpt",
      format_item = function(choice)
        return choice.label
      end,
    }, function(choice)
      if choice and choice.command then
        client:exec_cmd({ title = choice.label, command = choice.command, arguments = { choice.argument } })
      elseif choice then
        require("pygpt.chats").show({
          uri = uri,
          takeFocus = true,
          selection = {
            start = { line = 0, character = 0 },
            ["end"] = { line = 0, character = 0 },
          },
        }, client.offset_encoding)
      end
    end)
  end)
  return true
end

return M
