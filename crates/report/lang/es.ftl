# Mensajes de los informes, español. Términos: docs/reference/glossary.md. «verific…» solo aparece en los mensajes verified-.

### El marco

report-court = Exposición sobre pruebas digitales
report-examiner = Anexo técnico sobre pruebas digitales
report-person-searched = Recibo de pruebas digitales
no-title = Caso sin título registrado
contents = Índice
not-known = no se conoce
yes = sí
no = no
the-case = El caso
case-number = Número de caso
case-examiner = Examinador
case-agency = Organismo
case-begun = Inicio del caso
report-made = Elaboración del documento
items-count = Objetos
authority = Fundamento jurídico
written-by = Elaborado por { $tool }, { $time }.
self-contained = Esta página contiene todo lo que muestra. No ejecuta ningún programa y no carga nada.
page-of = Página { $page } de { $pages }

about-court = Este documento expone cómo se copiaron y conservaron pruebas digitales, para lectores sin formación técnica. Repite lo que está escrito en los registros del caso. No dice qué significan las pruebas ni saca conclusiones sobre ninguna persona.
about-examiner = Este documento enumera todo lo que los registros del caso dicen de las pruebas: dispositivos, copias, resúmenes criptográficos, lagunas, comprobaciones y registro de custodia. No saca conclusiones.
about-person-searched = Este documento es para la persona a la que se le tomaron las pruebas. Dice qué se tomó y se copió, cuándo y quién lo hizo. Con los resúmenes, cualquiera puede mostrar después si una copia fue modificada.
how-to-read = Un número entre corchetes, como [4], nombra el asiento del registro de custodia en el que se basa la frase anterior; otro nombre entre corchetes nombra un archivo del caso. Lo que se registró como texto se imprime tal como se registró, sin traducir.

### Números y lugares

bytes = { $n ->
    [one] { $exact } byte
   *[other] { $exact } bytes
}
bytes-rounded = { $n ->
    [one] { $exact } byte ({ $rounded })
   *[other] { $exact } bytes ({ $rounded })
}
ranges = { $n ->
    [one] { $n } intervalo
   *[other] { $n } intervalos
}
duration = { $hours } h { $minutes } min { $seconds } s
share = el { $percent } por ciento
share-least = como máximo el 0,01 por ciento

### Resumen

summary = Qué se copió
summary-none = En este documento no se describe ninguna imagen.
item = Objeto { $id }
item-described = { $id } ({ $description })
item-not-imaged = El objeto { $id } no se copió con este programa, o su acta de adquisición no está aquí.
item-copied = El objeto { $id } se copió de { $source }, un soporte de { $size }.
item-when = La copia empezó el { $started } y terminó el { $finished }.
item-who = La hizo { $examiner }.
item-who-unknown = No consta quién la hizo.
item-read-all = Se leyó todo lo que la fuente mostraba.
item-read-not-all = NO se pudieron leer { $size } en { $ranges }.
item-read-back-same = Después se releyó la copia completa, y es igual a lo que se había leído.
item-read-back-differs = Después se releyó la copia, y NO es igual a lo que se había leído.
item-read-back-none = La copia no se releyó después.
item-carved = { $n ->
    [one] Al buscar por contenido se recuperó entero { $n } archivo.
   *[other] Al buscar por contenido se recuperaron enteros { $n } archivos.
}
items-left-out = { $n ->
    [one] { $n } objeto más no se describe aquí; el anexo técnico los contiene todos.
   *[other] { $n } objetos más no se describen aquí; el anexo técnico los contiene todos.
}
authority-none = No consta el fundamento jurídico con el que se tomaron las pruebas.
scope-none = No consta el alcance de ese fundamento.
source-with-serial = { $name }, número de serie { $serial }

### Qué no se leyó

unread = Qué no se leyó
unread-no-image = No se copió ningún objeto, así que aquí no se puede decir nada.
unread-none = Objeto { $id }: se leyeron todos los { $size } que la fuente mostraba.
unread-headline = Objeto { $id }: no se pudieron leer { $size }
unread-sentence = Están en { $ranges } de un soporte de { $size }; es decir, { $share } de él.
unread-not-zero = No leído no es cero.
unread-filler = Donde no se pudo leer un intervalo, la copia contiene un relleno en su lugar, para que todo lo demás conserve su posición. Del relleno no se puede concluir nada: ni que hubiera datos, ni que no los hubiera, ni que alguien los quitara.
fill-zero = El relleno son aquí ceros.
fill-text = El relleno es aquí el texto { $text }, repetido.
fill-zeros = ceros
map-alt = Mapa del soporte del objeto { $id }, { $size }; { $ranges } sin leer, { $files } recuperados por contenido
map-caption = Objeto { $id }, el soporte desde su primer byte (izquierda) hasta el último (derecha). Franja superior: en blanco, leído; rayado, no leído. Franja inferior: una marca negra donde se recuperó un archivo por contenido. Un intervalo ocupa al menos una doscientava parte del ancho, de modo que los pequeños parecen mayores de lo que son. Los registros no dicen qué zonas contienen solo ceros ni cuáles usa un sistema de archivos.
map-caption-no-carve = Objeto { $id }, el soporte desde su primer byte (izquierda) hasta el último (derecha). En blanco, leído; rayado, no leído. Un intervalo ocupa al menos una doscientava parte del ancho, de modo que los pequeños parecen mayores de lo que son. No se buscó por contenido; los registros no dicen qué zonas contienen solo ceros ni cuáles usa un sistema de archivos.
files-count = { $n ->
    [one] { $n } archivo
   *[other] { $n } archivos
}

### Comprobaciones

checks = ¿Se comprobó?
check-none = No se había hecho ninguna comprobación cuando se elaboró este documento
check-none-text = Este documento repite los registros del caso tal como están. Más abajo se dice cómo puede comprobarlos cualquiera.
check-holds = Se comprobó todo, y todo concuerda
check-does-not-match = Algo NO concuerda
check-incomplete = No se comprobó todo
verified-sentence = { $n ->
    [one] Verificado: la única comprobación de { $subject } se hizo en el nivel { $level }, y concuerda.
   *[other] Verificado: las { $n } comprobaciones de { $subject } se hicieron en el nivel { $level }, y todo concuerda.
}
does-not-match-sentence = { $n ->
    [one] NO CONCUERDA: falló { $failed } de { $n } comprobación de { $subject } (nivel { $level }); no hay que fiarse de ello tal como está.
   *[other] NO CONCUERDA: comprobaciones de { $subject } que fallaron: { $failed } de { $n } (nivel { $level }); no hay que fiarse de ello tal como está.
}
incomplete-sentence = { $open ->
    [one] Comprobación incompleta de { $subject } (nivel { $level }): nada de lo comprobado es incorrecto, pero { $open } punto no se comprobó o no se pudo comprobar.
   *[other] Comprobación incompleta de { $subject } (nivel { $level }): nada de lo comprobado es incorrecto, pero { $open } puntos no se comprobaron o no se pudieron comprobar.
}
subject-package = paquete de pruebas
subject-case = caso
subject-image = imagen
subject-parts = paquete de pruebas en partes
subject-disclosed = parte comunicada del paquete de pruebas
subject-handover = documentos de entrega (no las pruebas que nombran)
each-check = Cada comprobación con su resultado
asked = Qué se preguntó
result = Resultado
why = Por qué (con las palabras del comprobador)
matches = concuerda
does-not-match = NO CONCUERDA
not-checked = no comprobado
what-not-checked = Qué no se comprobó
and-more = { $n ->
    [one] y { $n } más
   *[other] y { $n } más
}

check-archive = El archivo comprimido está sano, y cada uno de sus bytes pertenece a algo
check-folder = La carpeta contiene un solo paquete
check-files = Cada archivo se pudo leer hasta el final
check-bag = No falta nada, no se añadió nada, y cada resumen es correcto
check-package-signature = El paquete está sellado, y el sello es el suyo
check-package-signer = La clave que selló el paquete es una que se indicó al comprobador como de confianza
check-case-file = El caso está descrito
check-custody-chain = El registro de custodia está completo y en orden
check-custody-checkpoints = Las cabezas firmadas del registro de custodia son las de sus asientos
check-custody-key = La clave que firmó el registro de custodia es una que se indicó al comprobador como de confianza
check-custody-files = Los archivos son los que nombra el registro de custodia
check-manifest = La lista de contenido concuerda con los archivos, el caso y el registro de custodia
check-manifest-media = La lista de contenido dice de los soportes lo que dicen sus actas
check-acquisition = Los archivos son los que nombra el acta de adquisición
check-container = El contenedor de la imagen está sano
check-medium = El soporte dentro de la imagen es el que se leyó
check-medium-readable = El soporte dentro de la imagen se puede leer hasta el final
check-tree = El árbol de resúmenes del soporte es el registrado
check-record = El soporte tiene el tamaño y los resúmenes registrados
check-digests = El soporte es el que se leyó
check-stored-digests = El soporte tiene los resúmenes que guarda el contenedor
check-segments = Los archivos de la imagen tienen los resúmenes registrados
check-handovers = Las entregas están firmadas y son las que dice el registro
check-handover = La entrega dice lo que se firmó, y es coherente
check-handover-answer = El receptor encontró lo que declaró el remitente
check-disclosure = Lo que se muestra es lo que se selló, y todo lo demás está marcado como retenido
check-disclosure-signature = La lista de lo sellado está firmada
check-parts-list = La lista de las partes se puede leer
check-part = La parte es la que se envió
check-parts-joined = Las partes juntas son el paquete anunciado
check-bound = Cada archivo que importa está vinculado al registro de custodia
check-package-certificate = Una firma con certificado corresponde al paquete, y usted confía en su autoridad
check-package-certificates = Los certificados que acompañan al paquete se pueden leer
check-package-timestamp = Un sello de tiempo indica cuándo, a más tardar, se selló el paquete
check-package-signatures-announced = Están todas las firmas que se hicieron al sellar el paquete
check-custody-timestamps = Sellos de tiempo indican cuándo, a más tardar, existía el registro
check-of = { $what } ({ $place })

### Cómo puede comprobarlo cualquiera

howto = Cómo puede comprobarlo cualquiera
howto-court = Cualquiera puede comprobar el paquete sin el programa que lo hizo: abrir en un navegador verify.html, que está en él, y soltar el paquete sobre la página. No se instala nada y no se envía nada.
howto-intro = Nadie tiene que confiar en el programa que escribió este documento. Para los pasos siguientes bastan programas comunes. Trabaje con una copia y escriba lo que aparece en los recuadros.
step-unpack = Descomprimir el paquete y entrar en su carpeta. No aparece ningún mensaje.
step-payload = ¿Cambió algún archivo de prueba? Cada línea termina en «: OK».
step-tags = ¿Cambió algún registro sobre ellos? Cada línea termina en «: OK».
step-seal = ¿Quién lo selló? La línea empieza por «Good» y termina con la huella de clave indicada más abajo.
step-image = Calcular el resumen de un archivo de la imagen y compararlo con la tabla de sus archivos. Son iguales dígito a dígito.
howto-more = El archivo exhibit/VERIFY.txt del paquete contiene todos los pasos, con lo que cada uno prueba y lo que no.
howto-key = La clave que sella el paquete tiene la huella { $fingerprint } (firmante: { $signer }). Una clave que viaja con el paquete no garantiza nada por sí misma: confirme la huella con el organismo por otra vía.

### Significado

meaning = Qué significa que los resúmenes concuerden, y qué no
meaning-digest = Un resumen criptográfico es un número corto calculado a partir de todos los bytes de un archivo o de un soporte. Si cambia un solo bit, el resumen pasa a ser otro. Nadie conoce un modo de producir dos contenidos distintos con el mismo resumen SHA-256.
meaning-is = Que un resumen concuerde significa: estos bytes son aquellos con los que se calculó el resumen registrado.
meaning-is-not = No significa:
meaning-not-complete = que la copia esté completa: donde no se pudieron leer intervalos, el resumen del soporte se calculó con el relleno en su lugar;
meaning-not-before = que nada se modificara antes de calcular el resumen;
meaning-not-records = que sean correctos la fecha, el lugar o las personas de los registros;
meaning-not-who = nada sobre quién creó el contenido o lo conocía.
meaning-old = Los resúmenes MD5 y SHA-1 se imprimen porque otros registros los usan. Con estos dos se pueden fabricar a propósito contenidos distintos con el mismo resumen. Contra un cambio deliberado solo cuentan SHA-256 y SHA-512.

### Objetos, parte técnica

items = Los objetos
items-none = El caso no tiene todavía objetos.
identity = Identidad de la fuente, según la indicó el sistema
source-path = Abierto como
source-kind = Clase
source-bus = Conexión
source-vendor = Fabricante
source-model = Modelo
source-serial = Número de serie
size = Tamaño
sector-logical = Sector lógico
sector-physical = Sector físico
read-only = Solo lectura en el sistema
mounted = Montado
not-mounted = no montado
backing-file = Archivo subyacente
hidden-sectors = Sectores ocultos
protection = Protección contra escritura
protection-file = Un archivo, abierto solo para lectura
protection-file-text = La fuente era un archivo de la máquina del examinador. Este programa lo abrió solo para lectura y no tiene modo de escribir en él. A otros programas de la misma máquina no se les impidió.
protection-kernel = Puesto en solo lectura en el sistema operativo
protection-kernel-text = El sistema operativo se ajustó para rechazar todo intento de escribir en este dispositivo. Es un ajuste de software. Desde aquí no se puede ver si además se usó un bloqueador de escritura físico.
protection-none = NO protegido contra escritura
protection-none-text = Se podía escribir en el dispositivo mientras se leía. Este programa no tiene modo de escribir en él, pero a otros no se les impidió. El examinador siguió adelante y dio esta razón: { $reason }
protection-unknown = No se conoce
protection-unknown-text = La plataforma no dice si la fuente estaba protegida contra escritura.
work = Cómo se copió
work-begun = Inicio
work-ended = Fin
work-duration = Duración
program = Programa
machine = Máquina
system = Sistema
kernel = Núcleo
medium-size = Bytes del soporte
sectors = Sectores
sectors-of = { $n } de { $size }
image-format = Formato de la imagen
compression = Compresión
segment-limit = Archivo más grande de la imagen
one-file = un solo archivo
read-errors = Ante errores de lectura
further-tries = Nuevos intentos por sector
evidence-number = Número de prueba
description = Descripción
notes = Notas
read-back-same = La copia se releyó, y concuerda
read-back-same-text = Después de escribirla, se volvió a leer toda la imagen y se comparó con lo leído de la fuente. Eran iguales. Esto terminó el { $time }.
read-back-differs = La copia se releyó, y NO concuerda
read-back-differs-text = Lo que se leyó de la imagen el { $time } no es lo que se había leído de la fuente. No hay que fiarse de esta imagen tal como está.
read-back-none = La copia no se releyó
read-back-none-text = Después de escribir no se comprobó si la imagen se puede leer y es igual a lo leído de la fuente.
digests = Resúmenes del soporte, tal como se leyó
digests-with-filler = Resúmenes del soporte, tal como se leyó, con el relleno en lugar de lo que no se pudo leer
digest-padded = { $algorithm } de la copia completada
tree-root = Raíz del árbol de resúmenes (SHA-256)
digests-note = Los dígitos se agrupan para leerlos; se copian sin espacios. La raíz del árbol de resúmenes representa los mismos bytes de otra manera, que permite comprobar por separado una parte del soporte.
gaps = Intervalos que no se pudieron leer
gap-from = Desde el byte
gap-length = Longitud
gap-cause = Qué dijo el dispositivo
gap-tries = Nuevos intentos
gap-fill = En la copia
image-files = Archivos de la imagen
file = Archivo
sha256-of-file = SHA-256 del archivo
rows-left-out = { $n ->
    [one] { $n } fila más no se imprime aquí. El acta de adquisición las contiene todas.
   *[other] { $n } filas más no se imprimen aquí. El acta de adquisición las contiene todas.
}
carve = Archivos recuperados por contenido (carving)
carve-intro = Se buscaron en el soporte los comienzos y las estructuras de clases conocidas de archivos, sin atender a carpetas. Un archivo hallado así no tiene nombre, fecha ni dueño propios, y puede haber sido borrado.
carve-searched = Se examinaron { $size }, en busca de estas clases: { $types }.
carve-skipped = Qué no se examinó
carve-nothing = No se encontró nada.
carve-counts = Número de archivos por clase y por certeza de la recuperación
kind = Clase
class-proven = Probado
class-consistent = Coherente
class-partial = Parcial
class-header-only = Solo cabecera
class-all = Todos
class-proven-means = Probado: sumas de control dentro del archivo, o su descodificación completa, responden de sus bytes.
class-consistent-means = Coherente: su estructura se sostiene del primer byte al último, pero nada responde de cada byte.
class-partial-means = Parcial: bueno hasta un punto, luego roto.
class-header-only-means = Solo cabecera: un comienzo creíble y nada más; puede no ser un archivo.
carve-files = Los archivos
carve-kind-size = Clase y tamaño
carve-place = Lugar en el soporte
carve-class = Certeza y razón
carve-file = Archivo y su SHA-256
carve-from = desde el byte { $offset }
carve-pieces = { $n ->
    [one] { $n } trozo, desde el byte { $offset }
   *[other] { $n } trozos, el primero desde el byte { $offset }
}
carve-listed = solo en la lista, no escrito
carve-left-out = { $n ->
    [one] { $n } archivo más no se imprime aquí. La lista completa está en { $list }.
   *[other] { $n } archivos más no se imprimen aquí. La lista completa está en { $list }.
}

### Custodia

custody = Quién hizo qué, y cuándo
custody-none = En este documento no hay ningún asiento de custodia.
custody-none-text = Quién tuvo las pruebas, y cuándo, hay que saberlo de otro modo.
custody-intro = Qué se hizo con las pruebas, quién y cuándo, en el orden en que se escribió. Las horas son las de la máquina en la que se hizo cada asiento.
custody-alt = Línea temporal del registro de custodia: { $n } asientos de { $people } personas, del { $from } al { $to }
custody-caption = Cada línea es una persona, cada marca un asiento del registro, en su orden de izquierda a derecha. Marcas llenas: el objeto se tomó, selló, trasladó o entregó. Marcas huecas: trabajo sobre él. Una línea discontinua abre un nuevo día.
custody-caption-cut = Solo se dibujan los últimos { $n } asientos; la lista los contiene todos.
custody-table = Asientos del registro de custodia
record-number = N.º
record-time = Hora
record-what = Qué
record-who = Quién
record-reason = Razón: { $reason }
records-left-out = { $n ->
    [one] { $n } asiento no se imprime aquí; el anexo técnico los contiene todos.
   *[other] { $n } asientos no se imprimen aquí; el anexo técnico los contiene todos.
}
log-head = Cabeza firmada del registro de custodia: { $n } asientos, raíz { $root }, clave { $fingerprint }.

action-case-opened = Caso abierto
action-seized = Objeto incautado
action-received = Objeto recibido
action-sealed = Objeto precintado
action-opened = Precinto abierto
action-transported = Objeto trasladado
action-stored = Objeto depositado
action-marked = Marcado para su tratamiento
action-acquisition-planned = Adquisición prevista
action-acquired = Imagen adquirida
action-acquisition-interrupted = Adquisición interrumpida
action-acquisition-resumed = Adquisición reanudada
action-acquisition-failed = Adquisición fallida
action-imported = Registro de otro programa incorporado
action-hashed = Resúmenes calculados
action-verified = Integridad comprobada
action-examined = Objeto examinado
action-derived = Archivos recuperados o derivados
action-exported = Datos exportados
action-packaging-planned = Paquete de pruebas previsto
action-packaged = Paquete de pruebas sellado
action-disclosed = Parte de las pruebas comunicada
action-timestamped = Sello de tiempo obtenido
action-handed-over = Objeto entregado
action-accepted = Objeto aceptado
action-refused = Objeto rechazado
action-discrepancy = Discrepancia hallada
action-acknowledged = Recibo de la otra parte incorporado
action-returned = Objeto devuelto
action-destroyed = Objeto o copia destruidos
action-reported = Informe elaborado
action-note = Nota
action-correction = Corrección de un asiento anterior
action-key-changed = Registro traspasado a otra clave
action-key-lost = Clave de firma perdida; otra continúa
action-key-revoked = Clave de firma revocada

### Derivación

derivation = Qué se hizo a partir de qué
derivation-alt = Árbol de derivación: { $items } objetos, sus imágenes y lo que se hizo de ellas
derivation-caption = De izquierda a derecha: el soporte, su imagen con los primeros dígitos de su resumen SHA-256, los archivos recuperados por clase, y los paquetes que salieron. Una flecha significa «sirvió para hacer».

### Recibo

taken = Qué se tomó
taken-none = No consta que se tomara algo.
seals = Precintos
seals-none = No consta ningún precinto.
given-back = Qué se devolvió
given-back-none = No consta que se devolviera algo.
copies = Qué se copió
copies-none = No consta ninguna copia.
excluded = No debe consultarse
excluded-none = No consta nada que no deba consultarse.
receipt-record = { $time }, { $actor } ({ $role }): { $what }.
said = { $label }: { $text }
questions = Las preguntas y objeciones se dirigen al organismo nombrado arriba o a un tribunal. Este recibo no es asesoramiento jurídico.
to-sign = Para completar y firmar
sign-authority = Por el organismo: nombre, cargo, firma
sign-person = Persona registrada: nombre, firma (o: se negó a firmar)
sign-witness = Testigo: nombre, firma
sign-place = Lugar, fecha y hora

field-item = objeto
field-seal = precinto
field-place = lugar
field-at = cuándo ocurrió
field-condition = estado
field-from = de
field-to = a
field-authority = Fundamento
field-text = texto
field-legal_basis = Base legal
field-issuing_body = Emitido por
field-reference = Referencia
field-issued = Fecha de emisión
field-offence = Delito
field-exclusions = Excluido
field-places = Lugares
field-people = Personas
field-use_limits = Límites de uso
field-instruments = Instrumentos
field-scope = Alcance

### Límites y términos

handling = Cómo debe tratarse el material
limits = Qué no puede mostrar este documento
limit-recorded = Muestra lo que se registró. Lo que se hizo y no se escribió no está en él.
limit-clocks = Las horas provienen de los relojes de las máquinas usadas. Nadie responde aquí de esos relojes.
limit-names = Nombres, modelos y números de serie son lo que un dispositivo dijo de sí mismo. Un dispositivo puede decir algo falso.
limit-hidden = Las zonas que un dispositivo oculta al sistema operativo no se examinaron, salvo que lo diga la tabla del objeto.
limit-solid-state = La memoria de estado sólido puede modificar o borrar por sí misma zonas no usadas. Copiar de nuevo el mismo dispositivo puede dar otro resumen aunque nadie haya cambiado nada.
limit-meaning = No dice qué significa un archivo, quién lo hizo ni si alguien sabía que estaba allí.

glossary = Términos usados
term-byte = Byte, sector
term-byte-means = El byte es la unidad más pequeña de datos almacenados que tiene dirección. Un dispositivo guarda los bytes en sectores, por lo general de 512 o 4096 bytes, y lee o no logra leer un sector entero.
term-carving = Recuperación por contenido (carving)
term-carving-means = Recuperar archivos reconociendo su contenido, sin ayuda de carpetas ni nombres. Puede hallar lo que se borró. No puede decir cuándo ni quién guardó un archivo.
term-custody = Cadena de custodia
term-custody-means = El registro de quién tuvo las pruebas, cuándo, y qué se hizo con ellas. Aquí cada asiento contiene un resumen del anterior, de modo que un cambio posterior en un asiento antiguo se nota.
term-digest = Resumen criptográfico (hash)
term-digest-means = Un número corto calculado a partir de todos los bytes de un archivo o de un soporte. MD5, SHA-1, SHA-256 y SHA-512 son modos de calcularlo.
term-gap = Laguna
term-gap-means = Un intervalo del soporte que no se pudo leer. Conserva su lugar en la copia y contiene allí un relleno: ceros en imágenes raw y E01, el texto UNREADABLEDATA repetido en imágenes AFF4. El relleno no son datos.
term-tree = Árbol de resúmenes
term-tree-means = Resúmenes de trozos pequeños de un soporte, combinados de dos en dos hasta una raíz. Con la raíz se puede comprobar un trozo sin el resto.
term-image = Imagen
term-image-means = Una copia de todos los bytes de un soporte, del primero al último, en uno o varios archivos. E01 y AFF4 son formas comprimidas; raw, una forma directa.
term-medium = Soporte
term-medium-means = Lo que se copió: un disco, una memoria USB, una partición o un archivo.
term-package = Paquete de pruebas
term-package-means = Una carpeta en un solo archivo comprimido que contiene las pruebas, los registros sobre ellas y listas de resúmenes de todo, sellada con una firma.
term-signature = Firma, huella de clave
term-signature-means = Una firma es un número que solo puede producir quien tiene una clave secreta y que cualquiera puede comprobar. La huella es un nombre corto de esa clave, con el que se comparan claves.
term-segment = Segmento
term-segment-means = Uno de los archivos en que se divide una imagen.
term-protection = Protección contra escritura
term-protection-means = Lo que impide que el original se modifique mientras se lee. Un bloqueador de escritura físico se coloca entre dispositivo y máquina; un ajuste del sistema operativo hace lo mismo por software y protege menos.
