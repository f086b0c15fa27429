# Сообщения команд, русский.

error = ошибка: { $problem }
hint = совет: { $advice }
not-checked-list = Не проверено:
more-with-json = и ещё { $n } (всё — с --json)
report-written = Отчёт: { $path }

err-io = { $path }: { $error } (действие: { $action })
err-not-a-case = { $path } — не папка дела
err-not-a-case-or-package = { $path } — папка, но не дело и не распакованный пакет
err-item-name = { $id } не может быть именем объекта
err-no-such-item = в деле нет объекта { $id }
err-not-a-file-name = { $path } — не имя файла, который можно записать
err-report-form = { $form } — не форма отчёта; известны: { $known }
err-report-reader = { $reader } — не адресат отчётов; известны: { $known }
err-sheet-kind = { $kind } — не вид листа; известны: { $known }
err-sheet-form = лист бывает html или text, но не { $form }
err-pdf-needs-file = PDF не выводится на терминал
err-no-font = ни в одном шрифте нет буквы { $letter } ({ $script })
err-not-rendered = документ не удалось записать: { $why }
err-no-fonts-in = в { $path } нет шрифтов (.ttf, .otf, .ttc)
err-no-destination = укажите, куда записать образ: --case CASE --item ID или --to BASENAME
err-no-carve-destination = укажите, куда записать файлы: --to DIR
err-policy = { $policy } — не правило для ошибок чтения; известны: { $known }
err-image-form = { $form } — не формат, который пишет эта версия; известны: { $known }
err-digest = { $digest } — не хеш-сумма; известны: { $known }
err-no-write-block-reason = для --no-write-block нужна причина словами

hint-spelling = проверьте, верно ли написан путь
hint-permission = запустите от имени пользователя, которому можно это читать (для устройств обычно root или группа `disk`)
hint-exists = выберите другое имя или уберите существующий файл
hint-folder-permission = выберите папку, в которую вам можно писать
hint-no-space = освободите место или выберите другой диск; ничто из существовавшего не тронуто
hint-package-has-report = в пакете уже есть отчёт: распакуйте его и откройте exhibit/report.html
hint-hash-folder = для папки с файлами: exhibit hash --recursive
hint-item-name = не более 64 букв (A-Z, a-z), цифр, точек, подчёркиваний и дефисов; слова — в --description
hint-build-pdf = в этой сборке нет PDF; соберите так: cargo build --release --features pdf, или напечатайте страницу HTML
hint-name-a-file = назовите файл: --to report.pdf
hint-install-font = установите пакет { $package } или назовите папку со шрифтом, где она есть: --font-dir DIR
hint-font-folder = назовите папку со шрифтами или уберите --font-dir
