;;; pygpt.el --- OpenAI models through the language server pygpt-lsp -*- lexical-binding: t; -*-

;; Author: the pygpt-lsp authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "30.1"))
;; Keywords: tools, convenience
;; URL: https://pygpt.net
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Ask about code, have it changed, and chat in Markdown buffers; README.md beside this file says how to set
;; it up.
;;
;; Eglot runs one server in a buffer.  So that PyGPT can work beside a language's own server, only chats are
;; given to Eglot; code is shared with PyGPT from here, once a command is used in it.  The server is one of
;; Eglot's all the same: `eglot-list-connections' shows it, it is started again when it dies, and
;; `eglot-workspace-configuration' holds its settings.
;;
;; Nothing here waits for an answer of a model: commands are sent, and what comes of them arrives as edits.

;;; Code:

(require 'eglot)
(require 'flymake)

(defgroup pygpt nil
  "OpenAI models through the language server pygpt-lsp."
  :group 'tools)

(defcustom pygpt-command '("pygpt-lsp")
  "The program that is the server, and its arguments."
  :type '(repeat string)
  :risky t)

(defclass pygpt-server (eglot-lsp-server) ()
  "A running pygpt-lsp.")

;;;; Chats

(defvar-keymap pygpt-chat-mode-map
  :doc "Keys of chats."
  "C-c C-c" #'pygpt-send
  "C-c C-k" #'pygpt-stop
  "C-c C-r" #'pygpt-regenerate
  "C-c C-a" #'pygpt-actions)

(defconst pygpt--chat-keywords
  '(("^## \\(?:User\\|Assistant\\)$" . 'font-lock-keyword-face)
    ("^> #.*$" . 'font-lock-constant-face)
    ("^```.*$" . 'font-lock-comment-face)
    ("^<!-- pygpt: .*-->$" . 'font-lock-warning-face)
    ("`[^`\n]+`" . 'font-lock-string-face))
  "What is highlighted in chats.")

;;;###autoload
(define-derived-mode pygpt-chat-mode text-mode "Chat"
  "A chat with a model: write below the last heading, then \\[pygpt-send].
What the buffer says is what is sent."
  (setq-local font-lock-defaults '(pygpt--chat-keywords t)
              outline-regexp "## \\(?:User\\|Assistant\\)$"
              eglot-send-changes-idle-time 0.1)
  (visual-line-mode)
  (pygpt--adopt))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.chat\\.md\\'" . pygpt-chat-mode))

(defun pygpt--adopt ()
  "Give this chat to a running server, wherever the chat lies.
The workspace's own comes first, then the one that was started last."
  (let* ((servers (pygpt--servers))
         (server (or (seq-find #'pygpt--mine-p servers) (car servers))))
    (when server
      (setq eglot--cached-server server))))

(defun pygpt--servers ()
  "The running servers, the latest of each workspace first."
  (seq-filter (lambda (server) (and (pygpt-server-p server) (jsonrpc-running-p server)))
              (apply #'append (hash-table-values eglot--servers-by-project))))

(defun pygpt--mine-p (server)
  "Whether this buffer's file lies in the workspace of SERVER."
  (and buffer-file-name
       (file-in-directory-p buffer-file-name (project-root (eglot--project server)))))

(defun pygpt--connected (server)
  "Give open chats to SERVER, which has just been started."
  (when (pygpt-server-p server)
    (dolist (buffer (buffer-list))
      (with-current-buffer buffer
        (when (and (derived-mode-p 'pygpt-chat-mode) (not (eglot-managed-p)))
          (pygpt--adopt)
          (eglot--maybe-activate-editing-mode))))))

(add-hook 'eglot-connect-hook #'pygpt--connected)

;;;; The server

(defun pygpt--server ()
  "The server of this buffer's workspace; start it if need be."
  (let ((project (eglot--current-project)))
    (or (and (derived-mode-p 'pygpt-chat-mode)
             (eglot-managed-p)
             (eglot-current-server))
        (seq-find #'jsonrpc-running-p
                  (seq-filter #'pygpt-server-p (gethash project eglot--servers-by-project)))
        (let ((eglot-sync-connect t))
          (eglot '(pygpt-chat-mode) project 'pygpt-server pygpt-command '("markdown"))))))

(defun pygpt--run (command arguments &optional server)
  "Have the server do COMMAND with the plist ARGUMENTS; this does not wait.
It is SERVER, or else the one of this buffer, which is shared with it."
  (jsonrpc-async-request
   (or server (pygpt--share)) :workspace/executeCommand
   (list :command command :arguments (vector (or arguments eglot--{})))
   :success-fn #'ignore
   :error-fn (lambda (failure) (message "PyGPT: %s" (plist-get failure :message)))))

(cl-defmethod eglot-handle-notification :after
  ((_server pygpt-server) (_method (eql $/progress)) &key _token value)
  "Tell in the echo area what begins and what has ended, by VALUE."
  (when-let* (((member (plist-get value :kind) '("begin" "end")))
              (text (or (plist-get value :message) (plist-get value :title)))
              ((not (active-minibuffer-window))))
    (message "%s" text)))

;;;; Code is shared

(defvar-local pygpt--shared nil "The server that knows this buffer's text.")
(defvar-local pygpt--name nil "The URI by which it knows this buffer.")
(defvar-local pygpt--version 0 "The version of the text that the server knows.")
(defvar-local pygpt--tick nil "When that was the text, by `buffer-chars-modified-tick'.")
(defvar-local pygpt--timer nil "Tells the server of changes in the next pause.")

(defun pygpt--share ()
  "Have the server know this buffer's text as it is now; return the server."
  (let ((server (pygpt--server)))
    (cond
     ((not buffer-file-name))
     ((pygpt--chat-p server) (eglot--signal-textDocument/didChange))
     ((eq pygpt--shared server) (pygpt--tell))
     (t
      (setq pygpt--shared server
            pygpt--name (pygpt--uri)
            pygpt--tick (buffer-chars-modified-tick))
      (jsonrpc-notify server :textDocument/didOpen
                      (list :textDocument (list :uri pygpt--name
                                                :version (cl-incf pygpt--version)
                                                :languageId (pygpt--language)
                                                :text (pygpt--text))))
      (add-hook 'after-change-functions #'pygpt--changed nil t)
      (add-hook 'kill-buffer-hook #'pygpt--unshare nil t)
      (add-hook 'after-set-visited-file-name-hook #'pygpt--unshare nil t)
      (add-hook 'change-major-mode-hook #'pygpt--unshare nil t)))
    server))

(defun pygpt--chat-p (server)
  "Whether Eglot gives this buffer to SERVER."
  (and (eglot-managed-p) (eq (eglot-current-server) server)))

(defun pygpt--text ()
  "The whole text of this buffer."
  (save-restriction
    (widen)
    (buffer-substring-no-properties (point-min) (point-max))))

(defun pygpt--uri ()
  "The URI of this buffer's file."
  (eglot-path-to-uri (or buffer-file-name (user-error "Save the buffer to a file first"))))

(defun pygpt--language ()
  "The name of this buffer's language: that of its major mode."
  (replace-regexp-in-string "\\(?:-ts\\)?-mode\\'" "" (symbol-name major-mode)))

(defun pygpt--changed (&rest _)
  "Tell the server of a change in the next pause."
  (unless pygpt--timer
    (setq pygpt--timer (run-with-idle-timer 0.3 nil #'pygpt--tell (current-buffer)))))

(defun pygpt--tell (&optional buffer)
  "Tell the server the text of BUFFER, if that is new to it."
  (when (buffer-live-p (or buffer (current-buffer)))
    (with-current-buffer (or buffer (current-buffer))
      (when pygpt--timer
        (cancel-timer pygpt--timer)
        (setq pygpt--timer nil))
      (unless (or (null pygpt--shared)
                  (not (jsonrpc-running-p pygpt--shared))
                  (eql pygpt--tick (buffer-chars-modified-tick)))
        (setq pygpt--tick (buffer-chars-modified-tick))
        (jsonrpc-notify pygpt--shared :textDocument/didChange
                        (list :textDocument (list :uri pygpt--name :version (cl-incf pygpt--version))
                              :contentChanges (vector (list :text (pygpt--text)))))))))

(defun pygpt--unshare ()
  "Take this buffer from the server."
  (when (and pygpt--shared (jsonrpc-running-p pygpt--shared))
    (jsonrpc-notify pygpt--shared :textDocument/didClose
                    (list :textDocument (list :uri pygpt--name))))
  (setq pygpt--shared nil)
  (remove-hook 'after-change-functions #'pygpt--changed t))

(defun pygpt--position (position)
  "POSITION of this buffer as LSP counts it in code points."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char position)
      (list :line (1- (line-number-at-pos)) :character (- (point) (pos-bol))))))

(defun pygpt--range ()
  "The region, or else the place of the cursor."
  (let ((start (if (use-region-p) (region-beginning) (point)))
        (end (if (use-region-p) (region-end) (point))))
    (list :start (pygpt--position start) :end (pygpt--position end))))

(defun pygpt--diagnostics ()
  "Flymake's findings at the region or the cursor, whoever found them."
  (vconcat
   (mapcar (lambda (found)
             (list :range (list :start (pygpt--position (flymake-diagnostic-beg found))
                                :end (pygpt--position (flymake-diagnostic-end found)))
                   :message (flymake-diagnostic-text found)))
           (and flymake-mode
                (if (use-region-p)
                    (flymake-diagnostics (region-beginning) (region-end))
                  (flymake-diagnostics (point)))))))

;;;; Edits

(cl-defmethod eglot-client-capabilities ((_server pygpt-server))
  "Let positions be counted in code points, as Emacs does."
  (let ((capabilities (cl-call-next-method)))
    (plist-put capabilities :general '(:positionEncodings ["utf-32"]))))

(defun pygpt--plain-uri (uri)
  "URI with letters in place of the bytes that encode them.
Eglot would make a file name of bytes, which is not the name of a buffer
that has the file open."
  (replace-regexp-in-string
   "\\(?:%[89a-fA-F][0-9a-fA-F]\\)+"
   (lambda (bytes)
     (save-match-data (decode-coding-string (url-unhex-string bytes) 'utf-8)))
   uri t t))

(cl-defmethod eglot-handle-request :around
  ((server pygpt-server) (method (eql window/showDocument)) &rest parameters)
  "Have SERVER's METHOD show the file that is named in PARAMETERS."
  (let ((uri (pygpt--plain-uri (plist-get parameters :uri))))
    (apply #'cl-call-next-method server method (plist-put (copy-sequence parameters) :uri uri))))

(cl-defmethod eglot-handle-request
  ((server pygpt-server) (_method (eql workspace/applyEdit)) &key _label edit)
  "Make EDIT if each text is the one that SERVER made it for; else refuse it.
The server then looks where the text has moved to."
  (let ((changes (mapcar (lambda (change)
                           (let ((document (plist-get change :textDocument)))
                             (list (find-file-noselect
                                    (eglot-uri-to-path (pygpt--plain-uri (plist-get document :uri))))
                                   (plist-get document :version)
                                   (plist-get change :edits))))
                         (plist-get edit :documentChanges))))
    (pcase (seq-find (lambda (change) (not (pygpt--current-p server (car change) (cadr change))))
                     changes)
      (`(,buffer . ,_)
       (list :applied :json-false
             :failureReason (format "%s has changed since." (buffer-name buffer))))
      (_
       (pcase-dolist (`(,buffer ,_ ,edits) changes)
         (with-current-buffer buffer
           (undo-boundary)
           (let ((eglot-move-to-linepos-function #'eglot-move-to-utf-32-linepos))
             (eglot--apply-text-edits edits nil 'silent))
           (undo-boundary)
           (if (pygpt--chat-p server) (eglot--signal-textDocument/didChange) (pygpt--tell))))
       '(:applied t)))))

(defun pygpt--current-p (server buffer version)
  "Whether BUFFER, as it is now, is what SERVER knows as VERSION.
What was not told yet is told first."
  (with-current-buffer buffer
    (cond
     ((pygpt--chat-p server)
      (eglot--signal-textDocument/didChange)
      (or (null version) (eql version eglot--versioned-identifier)))
     ((eq pygpt--shared server)
      (pygpt--tell)
      (or (null version) (eql version pygpt--version)))
     (t (not (buffer-modified-p))))))

;;;; Commands

(defun pygpt--here (&rest more)
  "Arguments of a command about this buffer and the region, and MORE."
  (append more (list :uri (pygpt--uri) :range (pygpt--range))))

;;;###autoload
(defun pygpt-ask (question)
  "Ask QUESTION about the region, or the definition around the cursor."
  (interactive (progn (pygpt--uri) (list (read-string "Ask: "))))
  (pygpt--run "pygpt.ask" (pygpt--here :question question)))

;;;###autoload
(defun pygpt-change (instruction)
  "Have the region changed to an INSTRUCTION.
Without a region it is the definition around the cursor."
  (interactive (progn (pygpt--uri) (list (read-string "Change: "))))
  (pygpt--run "pygpt.action" (pygpt--here :id "rewrite" :instruction instruction)))

;;;###autoload
(defun pygpt-chat ()
  "Open a new chat about the region, or the definition around the cursor."
  (interactive)
  (pygpt--run "pygpt.chat.new" (pygpt--here)))

;;;###autoload
(defun pygpt-actions ()
  "Choose from all that PyGPT can do here."
  (interactive)
  (let* ((here (pygpt--here))
         (offered (jsonrpc-request
                   (pygpt--share) :textDocument/codeAction
                   (list :textDocument (list :uri (plist-get here :uri))
                         :range (plist-get here :range)
                         :context (list :diagnostics (pygpt--diagnostics) :triggerKind 1))
                   :timeout 5))
         (titles (mapcar (lambda (action) (plist-get action :title)) offered))
         (table (lambda (text predicate action)
                  (if (eq action 'metadata)
                      '(metadata (display-sort-function . identity))
                    (complete-with-action action titles text predicate))))
         (title (if titles (completing-read "Do: " table nil t nil nil (car titles))
                  (user-error "There is nothing to do here")))
         (command (plist-get (seq-find (lambda (action) (equal title (plist-get action :title))) offered)
                             :command)))
    (pygpt--run (plist-get command :command) (seq-first (plist-get command :arguments)))))

(defun pygpt-send ()
  "Send the question at the end of this chat."
  (interactive nil pygpt-chat-mode)
  (pygpt--run "pygpt.chat.send" (list :uri (pygpt--uri))))

(defun pygpt-regenerate ()
  "Ask for the last answer of this chat again."
  (interactive nil pygpt-chat-mode)
  (pygpt--run "pygpt.chat.regenerate" (list :uri (pygpt--uri))))

;;;###autoload
(defun pygpt-stop ()
  "Stop all that is under way, wherever that is."
  (interactive)
  (dolist (server (pygpt--servers))
    (pygpt--run "pygpt.stop" nil server)))

;;;###autoload
(defun pygpt-history (words)
  "Find conversations in the history that hold WORDS; none: the newest.
In the page that opens, `pygpt-actions' opens, forks or deletes the one
at the cursor."
  (interactive (list (read-string "Search the history: ")))
  (pygpt--run "pygpt.history.search" (list :query words)))

;;;###autoload
(defun pygpt-model (model)
  "Use MODEL in this workspace; none: choose from those of the endpoint."
  (interactive (list (read-string "Model (empty for a list): ")))
  (pygpt--run "pygpt.model.select" (unless (string-empty-p model) (list :model model))))

;;;###autoload
(defun pygpt-preview ()
  "Show what `pygpt-send' or a question about the region would send."
  (interactive)
  (pygpt--run "pygpt.previewRequest"
              (if (derived-mode-p 'pygpt-chat-mode) (list :uri (pygpt--uri)) (pygpt--here))))

;;;###autoload
(defun pygpt-privacy ()
  "Show what has left this machine, and what is in force."
  (interactive)
  (pygpt--run "pygpt.privacy.show" nil))

;;;###autoload
(defvar-keymap pygpt-map
  :doc "Commands of PyGPT, to be put behind a key of your choice."
  :prefix 'pygpt-map
  "a" #'pygpt-actions
  "c" #'pygpt-chat
  "e" #'pygpt-change
  "h" #'pygpt-history
  "m" #'pygpt-model
  "p" #'pygpt-preview
  "q" #'pygpt-ask
  "s" #'pygpt-stop
  "w" #'pygpt-privacy)

(provide 'pygpt)
;;; pygpt.el ends here
