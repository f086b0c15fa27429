# Mensajes de las órdenes, español.

error = error: { $problem }
hint = consejo: { $advice }
not-checked-list = No comprobado:
more-with-json = y { $n } más (todo con --json)
report-written = Informe: { $path }

err-io = { $path }: { $error } (operación: { $action })
err-not-a-case = { $path } no es la carpeta de un caso
err-not-a-case-or-package = { $path } es una carpeta, pero ni un caso ni un paquete descomprimido
err-item-name = { $id } no puede nombrar un objeto
err-no-such-item = el caso no tiene el objeto { $id }
err-not-a-file-name = { $path } no es un nombre de archivo que se pueda escribir
err-report-form = { $form } no es una forma de informe; conocidas: { $known }
err-report-reader = { $reader } no es un destinatario de informes; conocidos: { $known }
err-sheet-kind = { $kind } no es una clase de hoja; conocidas: { $known }
err-sheet-form = una hoja es html o text, no { $form }
err-pdf-needs-file = un PDF no se escribe en un terminal
err-no-font = ninguna fuente tiene la letra { $letter } ({ $script })
err-not-rendered = no se pudo escribir el documento: { $why }
err-no-fonts-in = { $path } no tiene fuentes (.ttf, .otf, .ttc)
err-no-destination = diga adónde va la imagen: --case CASE --item ID, o --to BASENAME
err-no-carve-destination = diga adónde van los archivos: --to DIR
err-policy = { $policy } no es una política de errores de lectura; conocidas: { $known }
err-image-form = { $form } no es un formato que esta versión escriba; conocidos: { $known }
err-digest = { $digest } no es un resumen; conocidos: { $known }
err-no-write-block-reason = --no-write-block necesita una razón en palabras

hint-spelling = compruebe la ortografía de la ruta
hint-permission = ejecute como un usuario que pueda leerlo (para dispositivos, por lo general root o el grupo `disk`)
hint-exists = elija otro nombre, o aparte el archivo existente
hint-folder-permission = elija una carpeta en la que pueda escribir
hint-no-space = libere espacio o elija otro disco; nada de lo que existía se tocó
hint-package-has-report = un paquete ya contiene su informe: descomprímalo y abra exhibit/report.html
hint-hash-folder = para una carpeta de archivos use: exhibit hash --recursive
hint-item-name = use hasta 64 letras (A-Z, a-z), cifras, puntos, guiones bajos y guiones; ponga las palabras en --description
hint-build-pdf = esta compilación no tiene PDF; compile con: cargo build --release --features pdf, o imprima la página HTML
hint-name-a-file = nombre un archivo: --to report.pdf
hint-install-font = instale el paquete { $package }, o nombre una carpeta con una fuente que la tenga: --font-dir DIR
hint-font-folder = nombre una carpeta con fuentes, o deje --font-dir
