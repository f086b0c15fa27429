# Messages des commandes, français.

error = erreur : { $problem }
hint = conseil : { $advice }
not-checked-list = Non contrôlé :
more-with-json = et { $n } de plus (tout avec --json)
report-written = Rapport : { $path }

err-io = { $path } : { $error } (opération : { $action })
err-not-a-case = { $path } n’est pas le répertoire d’une affaire
err-not-a-case-or-package = { $path } est un répertoire, mais ni une affaire ni un dossier de preuves décompressé
err-item-name = { $id } ne peut pas désigner un objet
err-no-such-item = l’affaire n’a pas d’objet { $id }
err-not-a-file-name = { $path } n’est pas un nom de fichier que l’on puisse écrire
err-report-form = { $form } n’est pas une forme de rapport ; connues : { $known }
err-report-reader = { $reader } n’est pas un destinataire de rapport ; connus : { $known }
err-sheet-kind = { $kind } n’est pas une sorte de fiche ; connues : { $known }
err-sheet-form = une fiche est en html ou text, pas en { $form }
err-pdf-needs-file = un PDF ne s’écrit pas sur un terminal
err-no-font = aucune police n’a la lettre { $letter } ({ $script })
err-not-rendered = le document n’a pas pu être écrit : { $why }
err-no-fonts-in = { $path } ne contient pas de polices (.ttf, .otf, .ttc)
err-no-destination = indiquez où va l’image : --case CASE --item ID, ou --to BASENAME
err-no-carve-destination = indiquez où vont les fichiers : --to DIR
err-policy = { $policy } n’est pas une politique d’erreurs de lecture ; connues : { $known }
err-image-form = { $form } n’est pas un format que cette version écrit ; connus : { $known }
err-digest = { $digest } n’est pas une empreinte ; connues : { $known }
err-no-write-block-reason = --no-write-block demande une raison en toutes lettres

hint-spelling = contrôlez l’orthographe du chemin
hint-permission = exécutez en tant qu’utilisateur autorisé à le lire (pour un appareil, en général root ou le groupe `disk`)
hint-exists = choisissez un autre nom, ou déplacez le fichier existant
hint-folder-permission = choisissez un répertoire où vous pouvez écrire
hint-no-space = libérez de la place ou choisissez un autre disque ; rien de ce qui existait n’a été touché
hint-package-has-report = un dossier de preuves contient déjà son rapport : décompressez-le et ouvrez exhibit/report.html
hint-hash-folder = pour un répertoire de fichiers : exhibit hash --recursive
hint-item-name = employez au plus 64 lettres (A-Z, a-z), chiffres, points, soulignés et traits d’union ; mettez les mots dans --description
hint-build-pdf = cette version n’a pas de PDF ; compilez avec : cargo build --release --features pdf, ou imprimez la page HTML
hint-name-a-file = indiquez un fichier : --to report.pdf
hint-install-font = installez le paquet { $package }, ou indiquez un répertoire contenant une police qui l’a : --font-dir DIR
hint-font-folder = indiquez un répertoire contenant des polices, ou omettez --font-dir
