# 报告用语，中文。术语见 docs/reference/glossary.md。“验证”一词只出现在 verified- 开头的条目中。

### 框架

report-court = 电子证据说明书
report-examiner = 电子证据技术附件
report-person-searched = 电子证据收据
no-title = 案件名称未记录
contents = 目录
not-known = 不详
yes = 是
no = 否
the-case = 案件
case-number = 案号
case-examiner = 检验人
case-agency = 机构
case-begun = 立案时间
report-made = 本文件生成时间
items-count = 检材数
authority = 法律依据
written-by = 由 { $tool } 生成，{ $time }。
self-contained = 本页包含其所显示的全部内容，不运行任何程序，也不加载任何外部内容。
page-of = 第 { $page } 页，共 { $pages } 页

about-court = 本文件面向没有技术背景的读者，说明电子证据如何被复制和保管。它重述案件记录中所写的内容，不解释证据的含义，也不对任何人作出结论。
about-examiner = 本文件列出案件记录中关于证据的全部内容：设备、副本、哈希值、缺口、检查结果和保管日志。它不作任何结论。
about-person-searched = 本文件交给证据被提取的人，说明提取和复制了什么、何时、由何人进行。凭其中的哈希值，任何人日后都能证明副本是否被改动。
how-to-read = 方括号中的数字，例如 [4]，指明前面的语句所依据的保管日志条目；方括号中的其他名称指明案件中的文件。以文字记录的内容按原样印出，不作翻译。

### 数字与位置

bytes = { $exact } 字节
bytes-rounded = { $exact } 字节（{ $rounded }）
ranges = { $n } 个区段
duration = { $hours } 小时 { $minutes } 分 { $seconds } 秒
share = 百分之 { $percent }
share-least = 至多百分之 0.01

### 摘要

summary = 复制了什么
summary-none = 本文件未描述任何镜像。
item = 检材 { $id }
item-described = { $id }（{ $description }）
item-not-imaged = 检材 { $id } 未用本程序制作镜像，或其获取记录不在此处。
item-copied = 检材 { $id } 复制自 { $source }，该介质大小为 { $size }。
item-when = 复制始于 { $started }，止于 { $finished }。
item-who = 由 { $examiner } 完成。
item-who-unknown = 由何人完成未记录。
item-read-all = 来源所显示的内容已全部读取。
item-read-not-all = 有 { $size }（{ $ranges }）未能读取。
item-read-back-same = 之后副本被完整回读，与所读内容相同。
item-read-back-differs = 之后副本被回读，与所读内容不相同。
item-read-back-none = 之后副本未被回读。
item-carved = 按内容搜索，完整恢复了 { $n } 个文件。
items-left-out = 另有 { $n } 个检材未在此描述；技术附件列出全部。
authority-none = 提取证据所依据的法律依据未记录。
scope-none = 该依据的范围未记录。
source-with-serial = { $name }，序列号 { $serial }

### 未读取的内容

unread = 哪些内容未读取
unread-no-image = 没有检材被制作镜像，因此无可说明。
unread-none = 检材 { $id }：来源所显示的 { $size } 已全部读取。
unread-headline = 检材 { $id }：{ $size } 未能读取
unread-sentence = 位于大小为 { $size } 的介质上的 { $ranges }，占其 { $share }。
unread-not-zero = 未读取不等于零。
unread-filler = 凡未能读取的区段，副本在其位置上放置填充内容，使其余内容保持原位。不能从填充内容得出任何结论：既不能说那里有数据，也不能说没有，也不能说有人删除了数据。
fill-zero = 此处的填充内容为零。
fill-text = 此处的填充内容为反复出现的文字 { $text }。
fill-zeros = 零
map-alt = 检材 { $id } 的介质图，{ $size }；{ $ranges }未读取，按内容恢复{ $files }
map-caption = 检材 { $id }，介质从第一个字节（左）到最后一个字节（右）。上条：空白为已读取，斜线为未读取。下条：黑色标记处为按内容恢复的文件。每个区段至少画成宽度的二百分之一，因此小区段看起来比实际大。哪些区域只含零、哪些被文件系统使用，记录中没有说明。
map-caption-no-carve = 检材 { $id }，介质从第一个字节（左）到最后一个字节（右）。空白为已读取，斜线为未读取。每个区段至少画成宽度的二百分之一，因此小区段看起来比实际大。未按内容搜索；哪些区域只含零、哪些被文件系统使用，记录中没有说明。
files-count = { $n } 个文件

### 检查

checks = 是否经过检查？
check-none = 本文件生成时尚未进行任何检查
check-none-text = 本文件按原样重述案件记录。下文说明任何人如何进行检查。
check-holds = 全部经过检查，并且全部相符
check-does-not-match = 有内容不相符
check-incomplete = 并非全部经过检查
verified-sentence = 已验证：对{ $subject }的全部 { $n } 项检查均以 { $level } 级别完成，全部相符。
does-not-match-sentence = 不相符：对{ $subject }的 { $n } 项检查中有 { $failed } 项未通过（级别 { $level }）；不得按其现状予以信赖。
incomplete-sentence = 对{ $subject }的检查不完整（级别 { $level }）：已检查的内容没有错误，但有 { $open } 项未检查或无法检查。
subject-package = 证据包
subject-case = 案件
subject-image = 镜像
subject-parts = 分卷证据包
subject-disclosed = 证据包中已披露的部分
subject-handover = 移交文书（不包括其中所列的证据）
each-check = 每项检查及其结果
asked = 检查内容
result = 结果
why = 原因（检查程序的原话）
matches = 相符
does-not-match = 不相符
not-checked = 未检查
what-not-checked = 哪些内容未检查
and-more = 另有 { $n } 项

check-archive = 压缩包完好，其中每个字节都有归属
check-folder = 文件夹中只有一个证据包
check-files = 每个文件都能读到末尾
check-bag = 没有缺少，没有增添，每个哈希值都正确
check-package-signature = 证据包已封存，且封印属于它
check-package-signer = 封存证据包的密钥是已告知检查程序可以信任的密钥
check-case-file = 案件已有说明
check-custody-chain = 保管日志完整且有序
check-custody-checkpoints = 保管日志的签名首部与其条目一致
check-custody-key = 签署保管日志的密钥是已告知检查程序可以信任的密钥
check-custody-files = 文件与保管日志所列相同
check-manifest = 内容清单与文件、案件和保管日志一致
check-manifest-media = 内容清单对介质的描述与获取记录一致
check-acquisition = 文件与获取记录所列相同
check-container = 镜像容器完好
check-medium = 镜像中的介质就是所读取的介质
check-medium-readable = 镜像中的介质能读到末尾
check-tree = 介质的哈希树与记录相同
check-record = 介质的大小和哈希值与记录相同
check-digests = 介质就是所读取的介质
check-stored-digests = 介质的哈希值与容器所存相同
check-segments = 镜像文件的哈希值与记录相同
check-handovers = 移交均有签名，且与日志所载一致
check-handover = 移交文书载明所签内容，且前后一致
check-handover-answer = 接收方所见与移交方所述相同
check-disclosure = 所示内容就是封存的内容，其余均标明为未披露
check-disclosure-signature = 封存内容的清单已签名
check-parts-list = 分卷清单可以读取
check-part = 该分卷就是所发送的分卷
check-parts-joined = 各分卷合起来就是所声明的证据包
check-bound = 每个重要文件都与保管日志绑定
check-package-certificate = 证书签名与证据包相符，且您信任其颁发机构
check-package-certificates = 随证据包附带的证书可以读取
check-package-timestamp = 时间戳说明证据包最晚何时已封存
check-package-signatures-announced = 封存时所作的签名全部都在
check-custody-timestamps = 时间戳说明保管记录最晚何时已存在
check-of = { $what }（{ $place }）

### 任何人如何检查

howto = 任何人如何检查
howto-court = 任何人都可以不用制作证据包的程序来检查它：用浏览器打开包内的 verify.html，把证据包拖到页面上。无需安装，也不会发送任何内容。
howto-intro = 无需信任生成本文件的程序。以下步骤只用常见程序即可完成。请在副本上操作，并输入框中的内容。
step-unpack = 解压证据包并进入其文件夹。不显示任何信息。
step-payload = 证据文件是否有改动？每行以“: OK”结尾。
step-tags = 有关记录是否有改动？每行以“: OK”结尾。
step-seal = 由谁封存？该行以“Good”开头，以下文所示的指纹结尾。
step-image = 计算镜像文件的哈希值，并与其文件表比较。两者逐位相同。
howto-more = 证据包中的 exhibit/VERIFY.txt 列出全部步骤，并说明每一步能证明什么、不能证明什么。
howto-key = 封存证据包的密钥指纹为 { $fingerprint }（签名人：{ $signer }）。随证据包一起到达的密钥本身不能担保任何事：请通过其他途径向该机构核实指纹。

### 含义

meaning = 哈希值相符说明什么，不说明什么
meaning-digest = 哈希值是由文件或介质的全部字节算出的一个短数字。只要改动一个比特，哈希值就会不同。目前没有人知道如何造出两份内容不同而 SHA-256 哈希值相同的数据。
meaning-is = 哈希值相符说明：这些字节就是当初算出所记录哈希值的那些字节。
meaning-is-not = 它不说明：
meaning-not-complete = 副本是完整的：凡未能读取的区段，介质的哈希值是以填充内容代替后算出的；
meaning-not-before = 在计算哈希值之前没有改动；
meaning-not-records = 记录中的日期、地点或人员正确无误；
meaning-not-who = 内容由谁制作或谁知道其存在。
meaning-old = 印出 MD5 和 SHA-1 是因为其他记录使用它们。对这两种算法，可以故意造出哈希值相同的不同内容。要防备故意改动，只有 SHA-256 和 SHA-512 有效。

### 检材，技术部分

items = 检材
items-none = 本案尚无检材。
identity = 来源的身份信息（由系统报告）
source-path = 打开路径
source-kind = 种类
source-bus = 连接方式
source-vendor = 制造商
source-model = 型号
source-serial = 序列号
size = 大小
sector-logical = 逻辑扇区
sector-physical = 物理扇区
read-only = 系统中为只读
mounted = 挂载情况
not-mounted = 未挂载
backing-file = 背后的文件
hidden-sectors = 隐藏扇区
protection = 写保护
protection-file = 文件，以只读方式打开
protection-file-text = 来源是检验人机器上的文件。本程序以只读方式打开它，且没有任何写入途径。同一机器上的其他程序并未被阻止。
protection-kernel = 在操作系统中设为只读
protection-kernel-text = 操作系统被设为拒绝对该设备的任何写入。这是软件设置。是否还使用了硬件写保护器，从这里无法看出。
protection-none = 没有写保护
protection-none-text = 读取期间设备可以被写入。本程序没有任何写入途径，但其他程序并未被阻止。检验人继续操作，并给出理由：{ $reason }
protection-unknown = 不详
protection-unknown-text = 平台未说明来源是否受写保护。
work = 如何复制
work-begun = 开始
work-ended = 结束
work-duration = 用时
program = 程序
machine = 机器
system = 系统
kernel = 内核
medium-size = 介质字节数
sectors = 扇区
sectors-of = { $n } 个，每个 { $size }
image-format = 镜像格式
compression = 压缩
segment-limit = 镜像文件的最大大小
one-file = 单个文件
read-errors = 遇到读取错误时
further-tries = 每扇区重试次数
evidence-number = 证据编号
description = 描述
notes = 备注
read-back-same = 副本已回读，并且相符
read-back-same-text = 写入之后，整个镜像被重新读取，并与从来源读取的内容比较。两者相同。完成时间：{ $time }。
read-back-differs = 副本已回读，但不相符
read-back-differs-text = { $time } 从镜像读取的内容与从来源读取的不同。不得按其现状信赖该镜像。
read-back-none = 副本未回读
read-back-none-text = 写入之后，没有检查镜像能否读取，以及是否与从来源读取的内容相同。
digests = 介质的哈希值（按读取所得）
digests-with-filler = 介质的哈希值（按读取所得，未能读取之处以填充内容代替）
digest-padded = 补齐后副本的 { $algorithm }
tree-root = 哈希树根（SHA-256）
digests-note = 数字分组是为了便于阅读；复制时没有空格。哈希树根以另一种方式代表同样的字节，可以单独检查介质的一部分。
gaps = 未能读取的区段
gap-from = 起始字节
gap-length = 长度
gap-cause = 设备的答复
gap-tries = 重试次数
gap-fill = 副本中
image-files = 镜像文件
file = 文件
sha256-of-file = 文件的 SHA-256
rows-left-out = 另有 { $n } 行未在此印出。获取记录列出全部。
carve = 按内容恢复的文件（数据雕刻）
carve-intro = 在介质上搜索了已知种类文件的开头和结构，不考虑文件夹。这样找到的文件没有自己的名称、日期和所有者，并且可能已被删除。
carve-searched = 搜索了 { $size }，种类为：{ $types }。
carve-skipped = 哪些内容未搜索
carve-nothing = 没有找到任何文件。
carve-counts = 按种类和恢复可靠程度统计的文件数
kind = 种类
class-proven = 已证实
class-consistent = 一致
class-partial = 部分
class-header-only = 仅有文件头
class-all = 合计
class-proven-means = 已证实：文件内部的校验和或完整解码能担保其字节。
class-consistent-means = 一致：从第一个字节到最后一个字节结构正确，但没有什么能担保每个字节。
class-partial-means = 部分：到某一处为止正确，之后损坏。
class-header-only-means = 仅有文件头：开头可信，此外没有；可能根本不是文件。
carve-files = 文件
carve-kind-size = 种类和大小
carve-place = 在介质上的位置
carve-class = 可靠程度及原因
carve-file = 文件及其 SHA-256
carve-from = 自字节 { $offset }
carve-pieces = { $n } 段，首段自字节 { $offset }
carve-listed = 仅列出，未写出
carve-left-out = 另有 { $n } 个文件未在此印出。完整清单见 { $list }。

### 保管

custody = 谁在何时做了什么
custody-none = 本文件中没有保管记录。
custody-none-text = 谁在何时持有证据，须以其他方式查明。
custody-intro = 对证据做了什么、由谁、在何时，按写入的先后排列。时间为作出每条记录的机器的时间。
custody-alt = 保管日志时间线：{ $people } 人的 { $n } 条记录，自 { $from } 至 { $to }
custody-caption = 每条线代表一人，每个标记代表日志中的一条记录，按其顺序从左到右。实心标记：检材被提取、封存、移动或移交。空心标记：对其进行的工作。虚线表示新的一天开始。
custody-caption-cut = 只画出最后 { $n } 条记录；列表中有全部记录。
custody-table = 保管日志的记录
record-number = 编号
record-time = 时间
record-what = 事项
record-who = 人员
record-reason = 原因：{ $reason }
records-left-out = 有 { $n } 条记录未在此印出；技术附件列出全部。
log-head = 保管日志的签名首部：{ $n } 条记录，根 { $root }，密钥 { $fingerprint }。

action-case-opened = 立案
action-seized = 检材扣押
action-received = 检材接收
action-sealed = 检材封存
action-opened = 封印拆开
action-transported = 检材运送
action-stored = 检材入库
action-marked = 标注处理要求
action-acquisition-planned = 计划获取
action-acquired = 镜像已获取
action-acquisition-interrupted = 获取中断
action-acquisition-resumed = 获取继续
action-acquisition-failed = 获取失败
action-imported = 导入其他程序的日志
action-hashed = 计算哈希值
action-verified = 检查完整性
action-examined = 检材检验
action-derived = 恢复或导出文件
action-exported = 数据导出
action-packaging-planned = 计划制作证据包
action-packaged = 证据包已封存
action-disclosed = 披露部分证据
action-timestamped = 取得时间戳
action-handed-over = 检材移交
action-accepted = 检材接受
action-refused = 检材拒收
action-discrepancy = 发现不一致
action-acknowledged = 收到对方的收据
action-returned = 检材返还
action-destroyed = 检材或副本销毁
action-reported = 制作报告
action-note = 备注
action-correction = 更正先前记录
action-key-changed = 记录改由另一密钥签署
action-key-lost = 签署密钥遗失，改用另一密钥
action-key-revoked = 签署密钥已吊销

### 来源关系

derivation = 什么由什么产生
derivation-alt = 来源关系树：{ $items } 个检材、其镜像以及由其产生的内容
derivation-caption = 从左到右：介质，其镜像及 SHA-256 哈希值的前几位，按种类列出的恢复文件，以及已送出的证据包。箭头表示“由此产生”。

### 收据

taken = 提取了什么
taken-none = 没有提取物品的记录。
seals = 封印
seals-none = 没有封印的记录。
given-back = 返还了什么
given-back-none = 没有返还物品的记录。
copies = 复制了什么
copies-none = 没有副本的记录。
excluded = 不得查看的内容
excluded-none = 没有关于不得查看内容的记录。
receipt-record = { $time }，{ $actor }（{ $role }）：{ $what }。
said = { $label }：{ $text }
questions = 问题和异议请向上述机构或法院提出。本收据不是法律意见。
to-sign = 填写并签名
sign-authority = 机构代表：姓名、职务、签名
sign-person = 被搜查人：姓名、签名（或：拒绝签名）
sign-witness = 见证人：姓名、签名
sign-place = 地点、日期和时间

field-item = 检材
field-seal = 封印
field-place = 地点
field-at = 发生时间
field-condition = 状况
field-from = 来自
field-to = 交给
field-authority = 依据
field-text = 文字
field-legal_basis = 法律根据
field-issuing_body = 签发机关
field-reference = 文号
field-issued = 签发日期
field-offence = 罪名
field-exclusions = 排除
field-places = 地点
field-people = 人员
field-use_limits = 使用限制
field-instruments = 法律文书
field-scope = 范围

### 限制与术语

handling = 材料须如何处理
limits = 本文件不能说明什么
limit-recorded = 它只显示所记录的内容。做过而未写下的不在其中。
limit-clocks = 时间来自所用机器的时钟。此处无人担保这些时钟准确。
limit-names = 名称、型号和序列号是设备自己报告的。设备可能报告不实。
limit-hidden = 设备对操作系统隐藏的区域未经检验，除非检材的表格另有说明。
limit-solid-state = 固态存储可能自行改变或清除未使用的区域。再次复制同一设备可能得到不同的哈希值，尽管没有人改动过任何内容。
limit-meaning = 它不说明文件的含义、由谁制作，或是否有人知道其存在。

glossary = 用语说明
term-byte = 字节、扇区
term-byte-means = 字节是有地址的最小存储单位。设备以扇区存放字节，通常为 512 或 4096 字节，每次读取或读取失败都以整个扇区为单位。
term-carving = 数据雕刻
term-carving-means = 不借助文件夹和名称，通过识别内容来恢复文件。它能找到已删除的内容，但不能说明文件何时、由谁存储。
term-custody = 保管链
term-custody-means = 记录谁在何时持有证据以及对证据做了什么。此处每条记录都含有前一条的哈希值，因此日后改动旧记录会被发现。
term-digest = 哈希值（散列值）
term-digest-means = 由文件或介质的全部字节算出的一个短数字。MD5、SHA-1、SHA-256 和 SHA-512 是计算方法。
term-gap = 缺口
term-gap-means = 介质上未能读取的区段。它在副本中保持位置，并以填充内容代替：raw 和 E01 镜像中为零，AFF4 镜像中为反复出现的文字 UNREADABLEDATA。填充内容不是数据。
term-tree = 哈希树
term-tree-means = 介质各小段的哈希值，两两合并直到一个根。有了根，就可以不用其余部分而检查其中一段。
term-image = 镜像
term-image-means = 介质全部字节从头到尾的副本，存于一个或多个文件中。E01 和 AFF4 是其压缩形式，raw 是其原始形式。
term-medium = 介质
term-medium-means = 被复制的对象：磁盘、U 盘、分区或文件。
term-package = 证据包
term-package-means = 一个压缩文件中的文件夹，内有证据、有关记录以及全部内容的哈希值清单，并以签名封存。
term-signature = 签名、指纹
term-signature-means = 签名是只有私钥持有人才能产生、而任何人都能检查的数字。指纹是该密钥的短名，用于比对密钥。
term-segment = 分段
term-segment-means = 镜像所分成的各个文件之一。
term-protection = 写保护
term-protection-means = 防止原件在读取时被改动的措施。硬件写保护器位于设备与机器之间；操作系统的设置以软件方式实现，保护程度较低。
