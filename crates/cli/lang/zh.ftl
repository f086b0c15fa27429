# 命令的信息，中文。

error = 错误：{ $problem }
hint = 提示：{ $advice }
not-checked-list = 未检查：
more-with-json = 另有 { $n } 项（用 --json 显示全部）
report-written = 报告：{ $path }

err-io = { $path }：{ $error }（操作：{ $action }）
err-not-a-case = { $path } 不是案件文件夹
err-not-a-case-or-package = { $path } 是文件夹，但既不是案件，也不是已解压的证据包
err-item-name = { $id } 不能作为检材编号
err-no-such-item = 案件中没有检材 { $id }
err-not-a-file-name = { $path } 不是可以写入的文件名
err-report-form = { $form } 不是报告的形式；可用：{ $known }
err-report-reader = { $reader } 不是报告的读者类型；可用：{ $known }
err-sheet-kind = { $kind } 不是单据的种类；可用：{ $known }
err-sheet-form = 单据只能是 html 或 text，不能是 { $form }
err-pdf-needs-file = PDF 不能输出到终端
err-no-font = 没有字体包含字符 { $letter }（{ $script }）
err-not-rendered = 无法写出文件：{ $why }
err-no-fonts-in = { $path } 中没有字体（.ttf、.otf、.ttc）
err-no-destination = 请指明镜像的位置：--case CASE --item ID，或 --to BASENAME
err-no-carve-destination = 请指明文件的位置：--to DIR
err-policy = { $policy } 不是读取错误的处理策略；可用：{ $known }
err-image-form = { $form } 不是本版本能写的格式；可用：{ $known }
err-digest = { $digest } 不是哈希算法；可用：{ $known }
err-no-write-block-reason = --no-write-block 需要用文字说明理由

hint-spelling = 请检查路径的拼写
hint-permission = 请以有权读取的用户运行（对设备通常为 root 或 `disk` 组）
hint-exists = 请另选名称，或移走现有文件
hint-folder-permission = 请选择您可以写入的文件夹
hint-no-space = 请腾出空间或另选磁盘；原有内容均未改动
hint-package-has-report = 证据包中已有报告：请解压并打开 exhibit/report.html
hint-hash-folder = 对文件夹请使用：exhibit hash --recursive
hint-item-name = 最多 64 个字母（A-Z、a-z）、数字、点、下划线和连字符；文字请写入 --description
hint-build-pdf = 本构建不含 PDF；请用 cargo build --release --features pdf 构建，或打印 HTML 页面
hint-name-a-file = 请指明文件：--to report.pdf
hint-install-font = 请安装软件包 { $package }，或指明含有该字符的字体文件夹：--font-dir DIR
hint-font-folder = 请指明含有字体的文件夹，或去掉 --font-dir
