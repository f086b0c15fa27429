# رسائل الأوامر بالعربية.

error = خطأ: { $problem }
hint = نصيحة: { $advice }
not-checked-list = لم يُفحص:
more-with-json = و{ $n } أخرى (الكل مع --json)
report-written = التقرير: { $path }

err-io = { $path }: { $error } (العملية: { $action })
err-not-a-case = { $path } ليس مجلد قضية
err-not-a-case-or-package = { $path } مجلد، لكنه ليس قضية ولا حزمة مفكوكة
err-item-name = لا يصلح { $id } رقمًا لمضبوط
err-no-such-item = ليس في القضية المضبوط { $id }
err-not-a-file-name = { $path } ليس اسم ملف تمكن كتابته
err-report-form = { $form } ليس شكلًا من أشكال التقارير؛ المعروف: { $known }
err-report-reader = { $reader } ليس من قراء التقارير؛ المعروف: { $known }
err-sheet-kind = { $kind } ليس نوعًا من الأوراق؛ المعروف: { $known }
err-sheet-form = تكون الورقة html أو text، لا { $form }
err-pdf-needs-file = لا يُكتب PDF على الطرفية
err-no-font = لا يوجد خط فيه الحرف { $letter } ({ $script })
err-not-rendered = تعذرت كتابة الوثيقة: { $why }
err-no-fonts-in = ليس في { $path } خطوط (.ttf أو .otf أو .ttc)
err-no-destination = حدد مكان الصورة: --case CASE --item ID أو --to BASENAME
err-no-carve-destination = حدد مكان الملفات: --to DIR
err-policy = { $policy } ليس سياسة لأخطاء القراءة؛ المعروف: { $known }
err-image-form = { $form } ليس صيغة تكتبها هذه النسخة؛ المعروف: { $known }
err-digest = { $digest } ليس نوعًا من قيم التجزئة؛ المعروف: { $known }
err-no-write-block-reason = يحتاج --no-write-block إلى سبب مكتوب

hint-spelling = راجع كتابة المسار
hint-permission = شغّل الأمر بمستخدم يحق له القراءة (للأجهزة عادة root أو المجموعة `disk`)
hint-exists = اختر اسمًا آخر أو انقل الملف الموجود
hint-folder-permission = اختر مجلدًا يحق لك الكتابة فيه
hint-no-space = وفّر مساحة أو اختر قرصًا آخر؛ لم يُمس شيء مما كان موجودًا
hint-package-has-report = في الحزمة تقريرها: فكّها وافتح exhibit/report.html
hint-hash-folder = لمجلد من الملفات استعمل: exhibit hash --recursive
hint-item-name = استعمل ما لا يزيد على 64 من الحروف (A-Z وa-z) والأرقام والنقط والشرطات؛ وضع الكلمات في --description
hint-build-pdf = هذه النسخة بلا PDF؛ ابنها هكذا: cargo build --release --features pdf، أو اطبع صفحة HTML
hint-name-a-file = حدد ملفًا: --to report.pdf
hint-install-font = ثبّت الحزمة { $package }، أو حدد مجلدًا فيه خط يحوي الحرف: --font-dir DIR
hint-font-folder = حدد مجلدًا فيه خطوط، أو احذف --font-dir
