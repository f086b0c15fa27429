# Messages des rapports, français. Termes : docs/reference/glossary.md. « vérifi… » n'est employé que dans les messages verified-.

### Le cadre

report-court = Exposé sur les preuves numériques
report-examiner = Annexe technique sur les preuves numériques
report-person-searched = Récépissé de preuves numériques
no-title = Affaire sans intitulé consigné
contents = Sommaire
not-known = non connu
yes = oui
no = non
the-case = L’affaire
case-number = Numéro d’affaire
case-examiner = Examinateur
case-agency = Service
case-begun = Ouverture de l’affaire
report-made = Établissement du document
items-count = Objets
authority = Fondement juridique
written-by = Établi par { $tool }, le { $time }.
self-contained = Cette page contient tout ce qu’elle montre. Elle n’exécute aucun programme et ne charge rien.
page-of = Page { $page } sur { $pages }

about-court = Ce document expose comment des preuves numériques ont été copiées et conservées, pour des lecteurs sans formation technique. Il répète ce qui est écrit dans les pièces de l’affaire. Il ne dit pas ce que signifient les preuves et ne tire aucune conclusion sur quiconque.
about-examiner = Ce document énumère tout ce que les pièces de l’affaire disent des preuves : appareils, copies, empreintes, lacunes, contrôles et journal de conservation. Il ne tire aucune conclusion.
about-person-searched = Ce document est destiné à la personne chez qui les preuves ont été prises. Il dit ce qui a été pris et copié, quand et par qui. Grâce aux empreintes, chacun peut montrer plus tard si une copie a été modifiée.
how-to-read = Un nombre entre crochets, comme [4], désigne l’entrée du journal de conservation sur laquelle repose la phrase qui précède ; un autre nom entre crochets désigne un fichier de l’affaire. Ce qui a été consigné sous forme de texte est imprimé tel quel, sans traduction.

### Nombres et emplacements

bytes = { $n ->
    [one] { $exact } octet
   *[other] { $exact } octets
}
bytes-rounded = { $n ->
    [one] { $exact } octet ({ $rounded })
   *[other] { $exact } octets ({ $rounded })
}
ranges = { $n ->
    [one] { $n } plage
   *[other] { $n } plages
}
duration = { $hours } h { $minutes } min { $seconds } s
share = { $percent } pour cent
share-least = au plus 0,01 pour cent

### Résumé

summary = Ce qui a été copié
summary-none = Aucune image n’est décrite dans ce document.
item = Objet { $id }
item-described = { $id } ({ $description })
item-not-imaged = L’objet { $id } n’a pas été copié avec ce programme, ou son procès-verbal d’acquisition n’est pas ici.
item-copied = L’objet { $id } a été copié à partir de { $source }, un support de { $size }.
item-when = La copie a commencé le { $started } et s’est terminée le { $finished }.
item-who = Elle a été faite par { $examiner }.
item-who-unknown = L’auteur de la copie n’a pas été consigné.
item-read-all = Tout ce que la source présentait a été lu.
item-read-not-all = { $size } en { $ranges } n’ont PAS pu être lus.
item-read-back-same = La copie a ensuite été relue entièrement ; elle est égale à ce qui avait été lu.
item-read-back-differs = La copie a ensuite été relue ; elle n’est PAS égale à ce qui avait été lu.
item-read-back-none = La copie n’a pas été relue ensuite.
item-carved = { $n ->
    [one] La recherche par contenu a permis de récupérer { $n } fichier entier.
   *[other] La recherche par contenu a permis de récupérer { $n } fichiers entiers.
}
items-left-out = { $n ->
    [one] { $n } autre objet n’est pas décrit ici ; l’annexe technique les contient tous.
   *[other] { $n } autres objets ne sont pas décrits ici ; l’annexe technique les contient tous.
}
authority-none = Le fondement juridique de la saisie n’est pas consigné.
scope-none = La portée de ce fondement n’est pas consignée.
source-with-serial = { $name }, numéro de série { $serial }

### Ce qui n’a pas été lu

unread = Ce qui n’a pas été lu
unread-no-image = Aucun objet n’a été copié ; rien ne peut être dit ici.
unread-none = Objet { $id } : la totalité des { $size } que la source présentait a été lue.
unread-headline = Objet { $id } : { $size } n’ont pas pu être lus
unread-sentence = Ils se trouvent dans { $ranges } d’un support de { $size }, soit { $share } de celui-ci.
unread-not-zero = Non lu ne veut pas dire zéro.
unread-filler = Là où une plage n’a pas pu être lue, la copie contient un remplissage à sa place, afin que tout le reste garde sa position. On ne peut rien conclure du remplissage : ni qu’il y avait des données, ni qu’il n’y en avait pas, ni que quelqu’un les a retirées.
fill-zero = Le remplissage est ici constitué de zéros.
fill-text = Le remplissage est ici le texte { $text }, répété.
fill-zeros = zéros
map-alt = Carte du support de l’objet { $id }, { $size } ; { $ranges } non lues, { $files } récupérés par contenu
map-caption = Objet { $id }, le support de son premier octet (à gauche) à son dernier (à droite). Bande du haut : blanc, lu ; hachuré, non lu. Bande du bas : une marque noire là où un fichier a été récupéré par contenu. Une plage occupe au moins un deux-centième de la largeur ; les petites paraissent donc plus grandes qu’elles ne sont. Les pièces ne disent pas quelles zones ne contiennent que des zéros ni lesquelles un système de fichiers utilise.
map-caption-no-carve = Objet { $id }, le support de son premier octet (à gauche) à son dernier (à droite). Blanc, lu ; hachuré, non lu. Une plage occupe au moins un deux-centième de la largeur ; les petites paraissent donc plus grandes qu’elles ne sont. Aucune recherche par contenu n’y a été faite ; les pièces ne disent pas quelles zones ne contiennent que des zéros ni lesquelles un système de fichiers utilise.
files-count = { $n ->
    [one] { $n } fichier
   *[other] { $n } fichiers
}

### Contrôles

checks = Un contrôle a-t-il été fait ?
check-none = Aucun contrôle n’avait été fait lorsque ce document a été établi
check-none-text = Ce document répète les pièces de l’affaire telles quelles. Chacun peut les contrôler comme indiqué plus bas.
check-holds = Tout a été contrôlé, et tout concorde
check-does-not-match = Quelque chose ne concorde PAS
check-incomplete = Tout n’a pas été contrôlé
verified-sentence = { $n ->
    [one] Vérifié : le seul contrôle prévu pour { $subject } a été fait au niveau { $level }, et il concorde.
   *[other] Vérifié : les { $n } contrôles prévus pour { $subject } ont été faits au niveau { $level }, et tout concorde.
}
does-not-match-sentence = { $n ->
    [one] NE CONCORDE PAS : { $failed } contrôle sur { $n } a échoué pour { $subject } (niveau { $level }) ; il ne faut pas s’y fier en l’état.
   *[other] NE CONCORDE PAS : contrôles en échec pour { $subject } : { $failed } sur { $n } (niveau { $level }) ; il ne faut pas s’y fier en l’état.
}
incomplete-sentence = { $open ->
    [one] Contrôle incomplet pour { $subject } (niveau { $level }) : rien de ce qui a été contrôlé n’est faux, mais { $open } point n’a pas été ou n’a pas pu être contrôlé.
   *[other] Contrôle incomplet pour { $subject } (niveau { $level }) : rien de ce qui a été contrôlé n’est faux, mais { $open } points n’ont pas été ou n’ont pas pu être contrôlés.
}
subject-package = le dossier de preuves
subject-case = l’affaire
subject-image = l’image
subject-parts = le dossier de preuves en plusieurs parties
subject-disclosed = ce qui est communiqué du dossier de preuves
subject-handover = les papiers de remise (et non les preuves qu’ils nomment)
each-check = Chaque contrôle et son résultat
asked = Question posée
result = Résultat
why = Raison (dans les termes du contrôleur)
matches = concorde
does-not-match = NE CONCORDE PAS
not-checked = non contrôlé
what-not-checked = Ce qui n’a pas été contrôlé
and-more = { $n ->
    [one] et { $n } autre
   *[other] et { $n } autres
}

check-archive = L’archive est saine, et chacun de ses octets appartient à quelque chose
check-folder = Le répertoire contient un seul dossier de preuves
check-files = Chaque fichier a pu être lu jusqu’au bout
check-bag = Rien ne manque, rien n’a été ajouté, et chaque empreinte est exacte
check-package-signature = Le dossier est scellé, et le sceau est bien le sien
check-package-signer = La clé qui a scellé le dossier est une clé déclarée digne de confiance au contrôleur
check-case-file = L’affaire est décrite
check-custody-chain = Le journal de conservation est complet et dans l’ordre
check-custody-checkpoints = Les têtes signées du journal sont celles de ses entrées
check-custody-key = La clé qui a signé le journal est une clé déclarée digne de confiance au contrôleur
check-custody-files = Les fichiers sont ceux que nomme le journal de conservation
check-manifest = La liste du contenu concorde avec les fichiers, l’affaire et le journal
check-manifest-media = La liste du contenu dit des supports ce qu’en disent leurs procès-verbaux
check-acquisition = Les fichiers sont ceux que nomme le procès-verbal d’acquisition
check-container = Le conteneur de l’image est sain
check-medium = Le support contenu dans l’image est celui qui a été lu
check-medium-readable = Le support contenu dans l’image peut être lu jusqu’au bout
check-tree = L’arbre d’empreintes du support est celui qui a été consigné
check-record = Le support a la taille et les empreintes consignées
check-digests = Le support est celui qui a été lu
check-stored-digests = Le support a les empreintes inscrites dans le conteneur
check-segments = Les fichiers de l’image ont les empreintes consignées
check-handovers = Les remises sont signées et sont celles que dit le journal
check-handover = La remise dit ce qui a été signé, et elle est cohérente
check-handover-answer = Le destinataire a trouvé ce que l’expéditeur déclarait
check-disclosure = Ce qui est montré est ce qui a été scellé, et tout le reste est marqué comme retenu
check-disclosure-signature = La liste de ce qui a été scellé est signée
check-parts-list = La liste des parties est lisible
check-part = La partie est celle qui a été envoyée
check-parts-joined = Les parties réunies sont le dossier annoncé
check-bound = Chaque fichier qui compte est rattaché au journal de conservation
check-package-certificate = Une signature par certificat se rapporte au dossier, et vous faites confiance à son autorité
check-package-certificates = Les certificats joints au dossier sont lisibles
check-package-timestamp = Un horodatage indique quand, au plus tard, le dossier a été scellé
check-package-signatures-announced = Toutes les signatures faites lors du scellement sont présentes
check-custody-timestamps = Des horodatages indiquent quand, au plus tard, le journal existait
check-of = { $what } ({ $place })

### Comment chacun peut contrôler

howto = Comment chacun peut contrôler
howto-court = Chacun peut contrôler le dossier sans le programme qui l’a fait : ouvrir dans un navigateur la page verify.html qui s’y trouve, et déposer le dossier sur la page. Rien n’est installé et rien n’est envoyé.
howto-intro = Personne n’a besoin de faire confiance au programme qui a écrit ce document. Des programmes courants suffisent pour les étapes ci-dessous. Travaillez sur une copie et saisissez ce qui figure dans les cadres.
step-unpack = Décompresser le dossier et entrer dans son répertoire. Aucun message ne s’affiche.
step-payload = Un fichier de preuve a-t-il changé ? Chaque ligne se termine par « : OK ».
step-tags = Une pièce à leur sujet a-t-elle changé ? Chaque ligne se termine par « : OK ».
step-seal = Qui l’a scellé ? La ligne commence par « Good » et se termine par l’empreinte de clé indiquée plus bas.
step-image = Calculer l’empreinte d’un fichier de l’image et la comparer au tableau de ses fichiers. Elles sont égales chiffre par chiffre.
howto-more = Le fichier exhibit/VERIFY.txt du dossier contient toutes les étapes, avec ce que chacune prouve et ne prouve pas.
howto-key = La clé qui scelle le dossier a l’empreinte { $fingerprint } (signataire : { $signer }). Une clé qui voyage avec le dossier ne garantit rien par elle-même : faites confirmer l’empreinte par le service, par une autre voie.

### Signification

meaning = Ce que signifient des empreintes égales, et ce qu’elles ne signifient pas
meaning-digest = Une empreinte est un nombre court calculé à partir de tous les octets d’un fichier ou d’un support. Si un seul bit change, l’empreinte devient une autre. Personne ne connaît de moyen de produire deux contenus différents ayant la même empreinte SHA-256.
meaning-is = Une empreinte égale signifie : ces octets sont ceux à partir desquels l’empreinte consignée a été calculée.
meaning-is-not = Elle ne signifie pas :
meaning-not-complete = que la copie est complète : là où des plages n’ont pas pu être lues, l’empreinte du support a été calculée avec le remplissage à leur place ;
meaning-not-before = que rien n’a été modifié avant le calcul de l’empreinte ;
meaning-not-records = que la date, le lieu ou les personnes consignés sont exacts ;
meaning-not-who = quoi que ce soit sur qui a créé le contenu ou en avait connaissance.
meaning-old = Les empreintes MD5 et SHA-1 sont imprimées parce que d’autres pièces les emploient. Pour ces deux-là, on peut fabriquer exprès des contenus différents ayant la même empreinte. Contre une modification délibérée, seules comptent SHA-256 et SHA-512.

### Objets, partie technique

items = Les objets
items-none = L’affaire n’a pas encore d’objets.
identity = Identité de la source, telle que le système l’a indiquée
source-path = Ouvert comme
source-kind = Nature
source-bus = Connexion
source-vendor = Fabricant
source-model = Modèle
source-serial = Numéro de série
size = Taille
sector-logical = Secteur logique
sector-physical = Secteur physique
read-only = En lecture seule dans le système
mounted = Monté
not-mounted = non monté
backing-file = Fichier sous-jacent
hidden-sectors = Secteurs cachés
protection = Protection contre l’écriture
protection-file = Un fichier, ouvert en lecture seule
protection-file-text = La source était un fichier de la machine de l’examinateur. Ce programme l’a ouvert en lecture seule et n’a aucun moyen d’y écrire. Les autres programmes de la même machine n’en étaient pas empêchés.
protection-kernel = Mis en lecture seule dans le système d’exploitation
protection-kernel-text = Le système d’exploitation a été réglé pour refuser toute écriture sur cet appareil. C’est un réglage logiciel. On ne peut pas voir d’ici si un bloqueur d’écriture matériel a été utilisé en plus.
protection-none = NON protégé contre l’écriture
protection-none-text = Il était possible d’écrire sur l’appareil pendant sa lecture. Ce programme n’a aucun moyen d’y écrire, mais d’autres n’en étaient pas empêchés. L’examinateur a poursuivi et a donné cette raison : { $reason }
protection-unknown = Non connue
protection-unknown-text = La plate-forme n’indique pas si la source était protégée contre l’écriture.
work = Comment la copie a été faite
work-begun = Début
work-ended = Fin
work-duration = Durée
program = Programme
machine = Machine
system = Système
kernel = Noyau
medium-size = Octets du support
sectors = Secteurs
sectors-of = { $n } de { $size }
image-format = Format de l’image
compression = Compression
segment-limit = Taille maximale d’un fichier de l’image
one-file = un seul fichier
read-errors = En cas d’erreur de lecture
further-tries = Nouveaux essais par secteur
evidence-number = Numéro de pièce
description = Description
notes = Remarques
read-back-same = La copie a été relue, et elle concorde
read-back-same-text = Après l’écriture, toute l’image a été relue et comparée à ce qui avait été lu de la source. Les deux étaient égaux. La relecture s’est terminée le { $time }.
read-back-differs = La copie a été relue, et elle ne concorde PAS
read-back-differs-text = Ce qui a été lu dans l’image le { $time } n’est pas ce qui avait été lu de la source. Il ne faut pas se fier à cette image en l’état.
read-back-none = La copie n’a pas été relue
read-back-none-text = Après l’écriture, il n’a pas été contrôlé que l’image est lisible et égale à ce qui avait été lu de la source.
digests = Empreintes du support, tel qu’il a été lu
digests-with-filler = Empreintes du support, tel qu’il a été lu, avec le remplissage à la place de ce qui n’a pas pu l’être
digest-padded = { $algorithm } de la copie complétée
tree-root = Racine de l’arbre d’empreintes (SHA-256)
digests-note = Les chiffres sont groupés pour la lecture ; ils se copient sans espaces. La racine de l’arbre d’empreintes représente les mêmes octets d’une autre manière, qui permet de contrôler une partie du support isolément.
gaps = Plages qui n’ont pas pu être lues
gap-from = À partir de l’octet
gap-length = Longueur
gap-cause = Réponse de l’appareil
gap-tries = Nouveaux essais
gap-fill = Dans la copie
image-files = Fichiers de l’image
file = Fichier
sha256-of-file = SHA-256 du fichier
rows-left-out = { $n ->
    [one] { $n } autre ligne n’est pas imprimée ici. Le procès-verbal d’acquisition les contient toutes.
   *[other] { $n } autres lignes ne sont pas imprimées ici. Le procès-verbal d’acquisition les contient toutes.
}
carve = Fichiers récupérés par contenu (carving)
carve-intro = On a cherché sur le support les débuts et les structures de types de fichiers connus, sans tenir compte des répertoires. Un fichier ainsi trouvé n’a ni nom, ni date, ni propriétaire propres, et il a pu être supprimé.
carve-searched = { $size } ont été examinés, pour ces types : { $types }.
carve-skipped = Ce qui n’a pas été examiné
carve-nothing = Rien n’a été trouvé.
carve-counts = Nombre de fichiers par type et par degré de certitude de la récupération
kind = Type
class-proven = Prouvé
class-consistent = Cohérent
class-partial = Partiel
class-header-only = En-tête seul
class-all = Total
class-proven-means = Prouvé : des sommes de contrôle internes, ou un décodage complet, garantissent ses octets.
class-consistent-means = Cohérent : sa structure tient du premier au dernier octet, mais rien ne garantit chaque octet.
class-partial-means = Partiel : bon jusqu’à un certain point, puis rompu.
class-header-only-means = En-tête seul : un début plausible et rien de plus ; ce n’est peut-être pas un fichier.
carve-files = Les fichiers
carve-kind-size = Type et taille
carve-place = Emplacement sur le support
carve-class = Degré de certitude et raison
carve-file = Fichier et son SHA-256
carve-from = à partir de l’octet { $offset }
carve-pieces = { $n ->
    [one] { $n } morceau, à partir de l’octet { $offset }
   *[other] { $n } morceaux, le premier à partir de l’octet { $offset }
}
carve-listed = seulement répertorié, non écrit
carve-left-out = { $n ->
    [one] { $n } autre fichier n’est pas imprimé ici. La liste complète se trouve dans { $list }.
   *[other] { $n } autres fichiers ne sont pas imprimés ici. La liste complète se trouve dans { $list }.
}

### Conservation

custody = Qui a fait quoi, et quand
custody-none = Ce document ne contient aucune entrée du journal de conservation.
custody-none-text = Il faut apprendre autrement qui a détenu les preuves, et quand.
custody-intro = Ce qui a été fait des preuves, par qui et quand, dans l’ordre où cela a été consigné. Les heures sont celles de la machine sur laquelle chaque entrée a été faite.
custody-alt = Chronologie du journal de conservation : { $n } entrées, { $people } personnes, du { $from } au { $to }
custody-caption = Chaque ligne est une personne, chaque marque une entrée du journal, dans son ordre de gauche à droite. Marques pleines : l’objet a été pris, scellé, déplacé ou remis. Marques creuses : travail sur l’objet. Un trait discontinu ouvre un nouveau jour.
custody-caption-cut = Seules les { $n } dernières entrées sont dessinées ; la liste les contient toutes.
custody-table = Entrées du journal de conservation
record-number = N°
record-time = Heure
record-what = Acte
record-who = Auteur
record-reason = Raison : { $reason }
records-left-out = { $n ->
    [one] { $n } entrée n’est pas imprimée ici ; l’annexe technique les contient toutes.
   *[other] { $n } entrées ne sont pas imprimées ici ; l’annexe technique les contient toutes.
}
log-head = Tête signée du journal de conservation : { $n } entrées, racine { $root }, clé { $fingerprint }.

action-case-opened = Affaire ouverte
action-seized = Objet saisi
action-received = Objet reçu
action-sealed = Objet scellé
action-opened = Scellé ouvert
action-transported = Objet transporté
action-stored = Objet entreposé
action-marked = Marqué pour le traitement
action-acquisition-planned = Acquisition prévue
action-acquired = Image acquise
action-acquisition-interrupted = Acquisition interrompue
action-acquisition-resumed = Acquisition reprise
action-acquisition-failed = Échec de l’acquisition
action-imported = Journal d’un autre programme repris
action-hashed = Empreintes calculées
action-verified = Intégrité contrôlée
action-examined = Objet examiné
action-derived = Fichiers récupérés ou dérivés
action-exported = Données exportées
action-packaging-planned = Dossier de preuves prévu
action-packaged = Dossier de preuves scellé
action-disclosed = Partie des preuves communiquée
action-timestamped = Horodatage obtenu
action-handed-over = Objet remis
action-accepted = Objet accepté
action-refused = Objet refusé
action-discrepancy = Divergence constatée
action-acknowledged = Reçu de l’autre partie repris
action-returned = Objet restitué
action-destroyed = Objet ou copie détruits
action-reported = Rapport établi
action-note = Note
action-correction = Rectification d’une entrée antérieure
action-key-changed = Journal transmis à une autre clé
action-key-lost = Clé de signature perdue ; une autre prend la suite
action-key-revoked = Clé de signature révoquée

### Dérivation

derivation = Ce qui a été fait à partir de quoi
derivation-alt = Arbre de dérivation : { $items } objets, leurs images et ce qui en a été fait
derivation-caption = De gauche à droite : le support, son image avec les premiers chiffres de son empreinte SHA-256, les fichiers récupérés par type, et les dossiers qui sont partis. Une flèche signifie « a servi à faire ».

### Récépissé

taken = Ce qui a été pris
taken-none = Il n’est pas consigné que quelque chose a été pris.
seals = Scellés
seals-none = Aucun scellé n’est consigné.
given-back = Ce qui a été rendu
given-back-none = Il n’est pas consigné que quelque chose a été rendu.
copies = Ce qui a été copié
copies-none = Aucune copie n’est consignée.
excluded = À ne pas consulter
excluded-none = Rien n’est consigné comme ne devant pas être consulté.
receipt-record = { $time }, { $actor } ({ $role }) : { $what }.
said = { $label } : { $text }
questions = Les questions et objections s’adressent au service nommé ci-dessus ou à un tribunal. Ce récépissé n’est pas un conseil juridique.
to-sign = À compléter et à signer
sign-authority = Pour le service : nom, fonction, signature
sign-person = Personne perquisitionnée : nom, signature (ou : a refusé de signer)
sign-witness = Témoin : nom, signature
sign-place = Lieu, date et heure

field-item = objet
field-seal = scellé
field-place = lieu
field-at = moment des faits
field-condition = état
field-from = de
field-to = à
field-authority = Fondement
field-text = texte
field-legal_basis = Base légale
field-issuing_body = Délivré par
field-reference = Référence
field-issued = Date de délivrance
field-offence = Infraction
field-exclusions = Exclu
field-places = Lieux
field-people = Personnes
field-use_limits = Limites d’utilisation
field-instruments = Instruments
field-scope = Portée

### Limites et termes

handling = Comment traiter ces éléments
limits = Ce que ce document ne peut pas montrer
limit-recorded = Il montre ce qui a été consigné. Ce qui a été fait sans être écrit n’y figure pas.
limit-clocks = Les heures viennent des horloges des machines employées. Personne ne se porte ici garant de ces horloges.
limit-names = Les noms, modèles et numéros de série sont ce qu’un appareil a dit de lui-même. Un appareil peut dire quelque chose d’inexact.
limit-hidden = Les zones qu’un appareil cache au système d’exploitation n’ont pas été examinées, sauf si le tableau de l’objet le dit.
limit-solid-state = Une mémoire à semi-conducteurs peut modifier ou effacer d’elle-même des zones inutilisées. Copier à nouveau le même appareil peut donner une autre empreinte sans que personne ait rien modifié.
limit-meaning = Il ne dit pas ce que signifie un fichier, qui l’a créé, ni si quelqu’un savait qu’il s’y trouvait.

glossary = Termes employés
term-byte = Octet, secteur
term-byte-means = L’octet est la plus petite unité de données stockées qui a une adresse. Un appareil range les octets dans des secteurs, en général de 512 ou 4096 octets, et lit ou ne parvient pas à lire un secteur entier.
term-carving = Récupération par contenu (carving)
term-carving-means = Récupérer des fichiers en reconnaissant leur contenu, sans l’aide de répertoires ni de noms. On peut trouver ce qui a été supprimé. On ne peut pas dire quand ni par qui un fichier a été enregistré.
term-custody = Chaîne de conservation
term-custody-means = Le relevé de qui a détenu les preuves, quand, et de ce qui en a été fait. Ici, chaque entrée contient une empreinte de la précédente, si bien qu’une modification ultérieure d’une ancienne entrée se voit.
term-digest = Empreinte (valeur de hachage)
term-digest-means = Un nombre court calculé à partir de tous les octets d’un fichier ou d’un support. MD5, SHA-1, SHA-256 et SHA-512 sont des manières de le calculer.
term-gap = Lacune
term-gap-means = Une plage du support qui n’a pas pu être lue. Elle garde sa place dans la copie et y contient un remplissage : des zéros dans les images brutes et E01, le texte UNREADABLEDATA répété dans les images AFF4. Le remplissage n’est pas une donnée.
term-tree = Arbre d’empreintes
term-tree-means = Des empreintes de petits morceaux d’un support, combinées deux à deux jusqu’à une racine. Avec la racine, on peut contrôler un morceau sans le reste.
term-image = Image
term-image-means = Une copie de tous les octets d’un support, du premier au dernier, en un ou plusieurs fichiers. E01 et AFF4 en sont des formes compressées, raw une forme brute.
term-medium = Support
term-medium-means = Ce qui a été copié : un disque, une clé USB, une partition ou un fichier.
term-package = Dossier de preuves
term-package-means = Un répertoire dans un seul fichier d’archive qui contient les preuves, les pièces à leur sujet et des listes d’empreintes de l’ensemble, scellé par une signature.
term-signature = Signature, empreinte de clé
term-signature-means = Une signature est un nombre que seul le détenteur d’une clé secrète peut produire et que chacun peut contrôler. L’empreinte est un nom court de cette clé, par lequel on compare les clés.
term-segment = Segment
term-segment-means = L’un des fichiers en lesquels une image est divisée.
term-protection = Protection contre l’écriture
term-protection-means = Ce qui empêche l’original d’être modifié pendant sa lecture. Un bloqueur d’écriture matériel se place entre l’appareil et la machine ; un réglage du système d’exploitation fait la même chose par logiciel et protège moins.
