;;; tacit.el --- Ghost text and next edits from Tacit  -*- lexical-binding: t; -*-

;; Author: The Tacit authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "30.1"))
;; Keywords: convenience, languages, tools
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Tacit is a language server with a hunch about your next edit.  Eglot starts it and keeps it in step; this shows its
;; ghost text and next edits as overlays.  In your init file, once this folder is in the `load-path':
;;
;;     (require 'tacit)
;;     (tacit-setup)
;;
;; With lsp-mode, which shows ghost text by itself, `require' alone registers the server.

;;; Code:

(require 'eglot)

(defgroup tacit nil
  "Ghost text and next edits from Tacit."
  :group 'tools :prefix "tacit-")

(defcustom tacit-command '("tacit" "serve" "--log" "warning")
  "The program that is the server, and its arguments."
  :type '(repeat string))

(defcustom tacit-settings nil
  "The server's settings, as a property list such as (:maxLines 3)."
  :type '(plist :key-type symbol))

(defcustom tacit-modes '(prog-mode text-mode conf-mode)
  "Major modes, with all that derive from them, that `tacit-setup' is for."
  :type '(repeat symbol))

(defface tacit-ghost '((t :inherit shadow)) "Ghost text.")
(defface tacit-insert '((t :inherit diff-added)) "What the next edit brings.")
(defface tacit-delete '((t :inherit diff-removed :extend t)) "What the next edit takes away.")
(defface tacit-hint '((t :inherit highlight)) "Where the next edit is, if out of sight.")

(defvar-local tacit--ghost nil "Overlay of the ghost text on the screen; its `tacit' property is the text.")
(defvar-local tacit--seen nil "What `tacit--state' was after the last command.")
;; There is one next edit for all buffers, as it may be in another one than the cursor.
(defvar tacit--edit nil "The next edit that is to be had, as the server sent it.")
(defvar tacit--overlay nil "Where `tacit--edit' is; still shown while the server thinks again.")
(defvar tacit--tick nil "The state of the buffer that `tacit--edit' was made for.")
(defvar tacit--hint nil "Overlay that says where the next edit is.")

;;; The server

(defvar tacit-mode) ; defined below
(defvar tacit--told nil "The last message of `tacit--tell', which is not repeated for every file.")

(defclass tacit-server (eglot-lsp-server) () "Tacit.")

(cl-defmethod eglot-initialization-options ((_ tacit-server))
  "The settings."
  (or (append tacit-settings '(:crossFileEdits t)) eglot--{}))

(cl-defmethod eglot-client-capabilities ((_ tacit-server))
  "Eglot's own capabilities, and ghost text."
  (let ((all (cl-call-next-method)))
    (plist-put (plist-get all :textDocument) :inlineCompletion eglot--{})
    (plist-put all :experimental '(:suggestionReady t :closedFiles t))))

(cl-defmethod eglot-handle-notification ((_ tacit-server) (_ (eql window/showMessage)) &key message &allow-other-keys)
  "Say the server's MESSAGE without Eglot's preamble."
  (message "Tacit: %s" (string-remove-prefix "Tacit: " message)))

(defvar tacit--started nil "Servers, some of which may not have answered yet.")

(cl-defmethod initialize-instance :after ((server tacit-server) &rest _)
  "Have `tacit--ended' know of the SERVER's end, and the user of a slow start."
  (push server tacit--started)
  (run-with-timer 10 nil (lambda ()
                           (when (and (jsonrpc-running-p server) (not (eglot--capabilities server)))
                             (tacit--tell "the server is slow to start.
`tacit doctor' in a terminal looks for the reason"))))
  (add-function :after (jsonrpc--on-shutdown server) #'tacit--ended))

(defun tacit--ended (server)
  "Tell the user, unless SERVER was to end or Eglot soon has another one."
  (unless (eglot--shutdown-requested server)
    (run-with-timer
     4 nil
     (lambda ()
       (unless (seq-some (lambda (servers) (seq-some #'tacit-server-p servers))
                         (hash-table-values eglot--servers-by-project))
         (tacit--tell "the server has ended.
`tacit doctor' in a terminal says why; M-x tacit-restart starts it again"))))))

;;;###autoload
(defun tacit-ensure ()
  "Have Eglot start Tacit for this buffer, unless another server is at work in it."
  (cond ((or (not buffer-file-name) (eglot-current-server) (not (provided-mode-derived-p major-mode tacit-modes))
             (seq-some (lambda (server) ; on its way: it will manage this buffer, too
                         (and (jsonrpc-running-p server)
                              (equal (eglot--project server) (eglot--current-project))))
                       tacit--started)))
        ((not (executable-find (car tacit-command)))
         (tacit--tell "there is no program `%s'; install it (pipx install tacit) or set `tacit-command'"
                      (car tacit-command)))
        (t (setq-local eglot-server-programs `((,tacit-modes . (tacit-server ,@tacit-command)))
                       eglot-sync-connect nil ; Emacs is never kept waiting
                       eglot-events-buffer-config '(:size 0 :format short))
           (condition-case oops (apply #'eglot--connect (eglot--guess-contact))
             (error (tacit--tell "the server does not start: %s" (error-message-string oops)))))))

;;;###autoload
(defun tacit-setup ()
  "Start Tacit for every file of the `tacit-modes'."
  (add-hook 'find-file-hook #'tacit-ensure)
  ;; Answers with sketches are Markdown, which Emacs 30 alone does not know, and Eglot leaves `fundamental-mode' alone.
  (add-to-list 'auto-mode-alist '("\\.md\\'" . text-mode) t)
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer (tacit-ensure))))

(defun tacit-restart ()
  "Start the server anew."
  (interactive)
  (setq tacit--told nil)
  (if (tacit--server) (eglot-reconnect (tacit--server)) (tacit-ensure)))

(defun tacit--tell (format &rest arguments)
  "Tell the user once what FORMAT and ARGUMENTS make."
  (let ((text (apply #'format-message (concat "Tacit: " format) arguments)))
    (unless (equal text tacit--told)
      (display-warning 'tacit (setq tacit--told text)))))

(defun tacit--server ()
  "The server of this buffer, if it is Tacit."
  (let ((server (eglot-current-server)))
    (and (cl-typep server 'tacit-server) server)))

(defun tacit--managed ()
  "Switch `tacit-mode' with Eglot."
  (cond ((not (eglot-managed-p)) (when tacit-mode (tacit-mode -1)))
        ((not (tacit--server)))
        ((eglot-server-capable :inlineCompletionProvider) (setq tacit--told nil) (tacit-mode 1))
        (t (tacit--tell "`%s' is older than this package: pipx upgrade tacit" (car tacit-command)))))

(add-hook 'eglot-managed-mode-hook #'tacit--managed)

(defun tacit--execute (command &rest arguments)
  "Have the server run its COMMAND with ARGUMENTS; errors are told."
  (jsonrpc-async-request (tacit--server) :workspace/executeCommand
                         (list :command command :arguments (vconcat arguments))
                         :success-fn #'ignore
                         :error-fn (lambda (reply) (message "Tacit: %s" (plist-get reply :message)))))

(defun tacit-run (name)
  "Run the server's command NAME, such as why, status, snooze or showLast."
  (interactive
   (list (completing-read "Tacit: " (mapcar (lambda (each) (string-remove-prefix "tacit." each))
                                            (eglot-server-capable :executeCommandProvider :commands)))))
  (tacit--execute (concat "tacit." name)))

;;; Asking

(defun tacit--state ()
  "What an answer is for."
  (list (buffer-chars-modified-tick) (point)))

(defun tacit--ask (method then)
  "Send METHOD for the cursor; THEN gets the answer if nothing has changed."
  (eglot--signal-textDocument/didChange)
  (let ((buffer (current-buffer)) (state (tacit--state)))
    (jsonrpc-async-request
     (tacit--server) method
     (list :textDocument (eglot--VersionedTextDocumentIdentifier)
           :position (eglot--pos-to-lsp-position) :context '(:triggerKind 2))
     :success-fn (lambda (answer)
                   (when (eq buffer (window-buffer))
                     (with-current-buffer buffer
                       (when (and tacit-mode (not (tacit--popup-p)) (equal state (tacit--state)))
                         (funcall then answer)))))
     :error-fn #'ignore :timeout-fn #'ignore)))

(defconst tacit--popup-hooks
  '(completion-in-region-mode-hook company-completion-started-hook company-after-completion-hook))

(defun tacit--popup-p ()
  "Whether a completion popup is open: company's, corfu's, or Emacs's own."
  (or completion-in-region-mode (bound-and-true-p company-candidates)))

(defun tacit--popup-changed (&rest _)
  "A popup has opened or closed: nothing stands beside it, and what was asked before it is asked again."
  (tacit--hide-ghost)
  (setq tacit--seen nil))

(defun tacit--after-command ()
  "Ask anew where the command has changed something."
  (let* ((before tacit--seen) (state (tacit--state)) (changed (not (eql (car before) (car state)))))
    (unless (equal before state)
      (setq tacit--seen state)
      (tacit--follow-typing changed)
      (when changed (setq tacit--edit nil))
      (cond ((tacit--popup-p) (tacit--hide-ghost) (when changed (tacit--hide-edit)))
            ((or (not changed) (not (tacit--server)) buffer-read-only))
            ((input-pending-p) (setq tacit--seen (list (car before) nil))) ; the next command asks
            (t (tacit--ask :textDocument/inlineCompletion #'tacit--ghost-answer))))
    (tacit--show-hint)))

(defun tacit--ghost-answer (answer)
  "Show ghost text, or ask for the next edit where there is none in ANSWER."
  (let ((items (plist-get answer :items)))
    (tacit--hide-ghost)
    (if (seq-empty-p items)
        (tacit--ask :textDocument/copilotInlineEdit #'tacit--edit-answer)
      (tacit--hide-edit)
      (tacit--show-item (seq-first items)))))

(defun tacit--edit-answer (answer)
  "Show the next edit in ANSWER, or take down what was shown."
  (let ((edits (plist-get answer :edits)))
    (tacit--hide-edit)
    (unless (seq-empty-p edits) (tacit--show-edit (seq-first edits)))))

;;; Ghost text

(cl-defmethod eglot-handle-notification ((_ tacit-server) (_ (eql tacit/suggestionReady)) &rest _)
  "Ask again: a suggestion has come after its request was answered with nothing."
  (with-current-buffer (window-buffer)
    (when (and tacit-mode (not (tacit--popup-p)))
      (tacit--ask :textDocument/inlineCompletion #'tacit--ghost-answer))))

(defun tacit--show-item (item)
  "Show ITEM; it may begin and end with what stands around the cursor."
  (pcase-let* ((`(,start . ,end) (eglot-range-region (plist-get item :range)))
               (text (substring (plist-get item :insertText) (- (point) start)))
               (behind (buffer-substring-no-properties (point) end)))
    (when (string-suffix-p behind text)
      (setq text (string-remove-suffix behind text) end (point)))
    (tacit--show-ghost text end)))

(defun tacit--show-ghost (text end)
  "Show TEXT at the cursor, in place of what is there up to END."
  (unless (string-empty-p text)
    (let ((shown (propertize text 'face 'tacit-ghost)))
      (put-text-property 0 1 'cursor t shown)
      (setq tacit--ghost (make-overlay (point) end))
      (overlay-put tacit--ghost 'tacit text)
      (overlay-put tacit--ghost 'face 'tacit-delete)
      (overlay-put tacit--ghost 'before-string shown))))

(defun tacit--hide-ghost ()
  "Take the ghost text down."
  (when tacit--ghost
    (delete-overlay tacit--ghost)
    (setq tacit--ghost nil)))

(defun tacit--follow-typing (changed)
  "Take off the ghost text what was typed of it; anything else takes it down.
CHANGED is whether the text is another than before the command."
  (when tacit--ghost
    (let* ((start (overlay-start tacit--ghost))
           (end (max (overlay-end tacit--ghost) (point)))
           (text (overlay-get tacit--ghost 'tacit))
           (typed (buffer-substring-no-properties (min start (point)) (point))))
      (tacit--hide-ghost)
      (when (and changed (not (string-empty-p typed)) (string-prefix-p typed text))
        (tacit--show-ghost (substring text (length typed)) end)))))

;;; Next edits

(defun tacit--path (edit)
  "The file of EDIT."
  (eglot-uri-to-path (plist-get (plist-get edit :textDocument) :uri)))

(defun tacit--show-edit (edit)
  "Show EDIT: a face for the text to delete, another one for the new text.
Of a file that is not open only the place is told."
  (let ((buffer (find-buffer-visiting (tacit--path edit))))
    (unless (or buffer (plist-get (plist-get edit :textDocument) :version))
      (setq tacit--edit edit))
    (with-current-buffer (or buffer (current-buffer))
      (when (and buffer (equal (plist-get (plist-get edit :textDocument) :version) eglot--versioned-identifier))
        (pcase-let ((`(,start . ,end) (eglot-range-region (plist-get edit :range))))
          (setq tacit--edit edit
                tacit--tick (buffer-chars-modified-tick)
                tacit--overlay (make-overlay start end))
          (overlay-put tacit--overlay 'face 'tacit-delete)
          (overlay-put tacit--overlay 'after-string (propertize (plist-get edit :text) 'face 'tacit-insert)))))
    (when tacit--edit
      (jsonrpc-notify (tacit--server) :textDocument/didShowInlineEdit (list :item edit))
      (tacit--show-hint))))

(defun tacit--hide-edit ()
  "Take the next edit down."
  (when tacit--overlay (delete-overlay tacit--overlay))
  (setq tacit--edit nil tacit--overlay nil)
  (tacit--show-hint))

(defun tacit--there-p ()
  "Whether the next edit can be seen: it is made, not jumped to."
  (and tacit--overlay
       (eq (current-buffer) (overlay-buffer tacit--overlay))
       (pos-visible-in-window-p (overlay-start tacit--overlay))))

(defun tacit--show-hint ()
  "Say at the window's edge where the next edit is, if it is out of sight."
  (when tacit--hint (delete-overlay tacit--hint))
  (when (and tacit--edit (eq (current-buffer) (window-buffer)))
    (let* ((here (and tacit--overlay (eq (overlay-buffer tacit--overlay) (current-buffer))))
           (above (and here (< (overlay-start tacit--overlay) (window-start))))
           (line (1+ (plist-get (plist-get (plist-get tacit--edit :range) :start) :line)))
           (file (if here "" (format "%s, " (file-name-nondirectory (tacit--path tacit--edit)))))
           (text (format " Tab: %s %sline %d " (if above "↑" "↓") file line)))
      (unless (tacit--there-p)
        (save-excursion
          (goto-char (if above (window-start) (1- (window-end nil t))))
          (setq tacit--hint (make-overlay (pos-eol) (pos-eol))))
        (overlay-put tacit--hint 'after-string
                     (concat (propertize " " 'display `(space :align-to (- right ,(1+ (string-width text)))))
                             (propertize text 'face 'tacit-hint)))))))

;;; Commands

(defun tacit-accept ()
  "Take what is shown; where the next edit is elsewhere, go there first."
  (interactive)
  (cond (tacit--ghost (tacit--take (overlay-get tacit--ghost 'tacit) (overlay-end tacit--ghost)))
        ((not (tacit--there-p))
         (push-mark nil t)
         (let ((range (plist-get tacit--edit :range)))
           (find-file (tacit--path tacit--edit))
           (goto-char (car (eglot-range-region range)))))
        ((not (equal tacit--tick (buffer-chars-modified-tick))) (tacit--hide-edit))
        (t (let* ((edit tacit--edit) (text (plist-get edit :text)) (command (plist-get edit :command)))
             (goto-char (overlay-start tacit--overlay))
             (delete-region (point) (overlay-end tacit--overlay))
             (tacit--hide-edit)
             (insert text)
             (when (string-suffix-p "\n" text) (backward-char))
             (eglot--signal-textDocument/didChange)
             (apply #'tacit--execute (plist-get command :command) (append (plist-get command :arguments) nil))))))

(defun tacit-accept-word ()
  "Take the next word of the ghost text."
  (interactive)
  (let ((text (overlay-get tacit--ghost 'tacit)))
    (string-match "\\`[[:space:]\n]*\\(?:[[:word:]_]+\\|[^[:word:][:space:]\n]*\\)" text)
    (let ((rest (substring text (match-end 0))) (end (copy-marker (overlay-end tacit--ghost))))
      (tacit--take (match-string 0 text) (point))
      (tacit--show-ghost rest end))))

(defun tacit--take (text end)
  "Put TEXT in place of what stands between the cursor and END."
  (tacit--hide-ghost)
  (delete-region (point) end)
  (insert text))

(defun tacit-reject ()
  "Dismiss what is shown."
  (interactive)
  (when tacit--edit
    (tacit--execute "tacit.rejectNextEdit" (seq-first (plist-get (plist-get tacit--edit :command) :arguments))))
  (tacit--hide-ghost)
  (tacit--hide-edit))

(defun tacit--when (condition)
  "A key filter for what is shown: CONDITION is `ghost' or `any'."
  (lambda (command) (and (not (tacit--popup-p)) (or tacit--ghost (and (eq condition 'any) tacit--edit)) command)))

(defvar-keymap tacit-mode-map
  :doc "Keys that mean something only while ghost text or a next edit is shown."
  "TAB" `(menu-item "" tacit-accept :filter ,(tacit--when 'any))
  "<tab>" `(menu-item "" tacit-accept :filter ,(tacit--when 'any))
  "C-<right>" `(menu-item "" tacit-accept-word :filter ,(tacit--when 'ghost))
  "M-f" `(menu-item "" tacit-accept-word :filter ,(tacit--when 'ghost))
  "C-g" `(menu-item "" tacit-reject :filter ,(tacit--when 'any)))

(define-minor-mode tacit-mode
  "Show what Tacit suggests.  Eglot switches it on."
  :lighter " Tacit"
  (if tacit-mode
      (progn (setq tacit--seen (tacit--state))
             (dolist (hook tacit--popup-hooks) (add-hook hook #'tacit--popup-changed nil t))
             (add-hook 'post-command-hook #'tacit--after-command nil t)
             ;; The next edit may be what this file was opened for.
             (when tacit--edit (tacit--ask :textDocument/copilotInlineEdit #'tacit--edit-answer)))
    (dolist (hook tacit--popup-hooks) (remove-hook hook #'tacit--popup-changed t))
    (remove-hook 'post-command-hook #'tacit--after-command t)
    (tacit--hide-ghost)
    (tacit--hide-edit)))

;;; lsp-mode

(declare-function lsp-register-client "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode")
(declare-function make-lsp-client "ext:lsp-mode")

(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection (lambda () tacit-command))
                    :activation-fn #'always
                    :initialization-options (lambda () tacit-settings)
                    :add-on? t ; beside the language's own server
                    :server-id 'tacit)))

(provide 'tacit)
;;; tacit.el ends here
