# Messages of commands, English. `err-…` says what failed, `hint-…` what to try next. Checks and verdicts: crates/report/lang.

error = error: { $problem }
hint = hint: { $advice }
not-checked-list = Not checked:
more-with-json = and { $n } more (all with --json)
report-written = Report: { $path }

err-io = cannot { $action } { $path }: { $error }
err-not-a-case = { $path } is not a case folder
err-not-a-case-or-package = { $path } is a folder, but neither a case nor an unpacked package
err-item-name = { $id } cannot name an item
err-no-such-item = the case has no item { $id }
err-not-a-file-name = { $path } is not a file name that can be written
err-report-form = { $form } is not a form of reports; known: { $known }
err-report-reader = { $reader } is not a reader of reports; known: { $known }
err-sheet-kind = { $kind } is not a kind of sheet; known: { $known }
err-sheet-form = a sheet is html or text, not { $form }
err-pdf-needs-file = a PDF is not written to a terminal
err-no-font = no font has the letter { $letter } ({ $script })
err-not-rendered = the document could not be written: { $why }
err-no-fonts-in = { $path } has no fonts (.ttf, .otf, .ttc)
err-no-destination = say where the image goes: --case CASE --item ID, or --to BASENAME
err-no-carve-destination = say where the files go: --to DIR
err-policy = { $policy } is not a read-error policy; known: { $known }
err-image-form = { $form } is not a format that this version writes; known: { $known }
err-digest = { $digest } is not a digest; known: { $known }
err-no-write-block-reason = --no-write-block needs a reason in words

hint-spelling = check the spelling of the path
hint-permission = run as a user who may read it (for devices usually root, or the group `disk`)
hint-exists = choose another name, or move the existing file away
hint-folder-permission = choose a folder that you may write to
hint-no-space = free some space or choose another disk; nothing that existed was touched
hint-package-has-report = a package already holds its report: unzip it and open exhibit/report.html
hint-hash-folder = for a folder of files use: exhibit hash --recursive
hint-item-name = use up to 64 letters (A-Z, a-z), digits, dots, underscores and hyphens; put words into --description
hint-build-pdf = this build has no PDF; build with: cargo build --release --features pdf, or print the HTML page
hint-name-a-file = name a file: --to report.pdf
hint-install-font = install the package { $package }, or name a folder with a font that has it: --font-dir DIR
hint-font-folder = name a folder with fonts, or leave --font-dir out
