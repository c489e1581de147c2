// The texts of the search box, in the languages of the sites that embed it. Documents stay in their own.

const CN = {
  label: "要查的内容", search: "检索", placeholder: "例如：哪里做过老年人助餐？",
  open: "检索简报", close: "关闭", clear: "清空", suggestions: "建议", recent: "最近查过", forget: "清除记录",
  kinds: { bulletin: "简报", news: "新闻", other: "其他" },
  filters: { kind: "类型", region: "地区", year: "年份", series: "系列", section: "栏目", contributor: "供稿", document: "文献", folder: "文件夹" },
  parts: (count) => `其中 ${count} 地`, partsOf: (region, count) => `${region}：其中 ${count} 地`,
  since: "起", until: "止", dates: "日期", filter: "筛选", clearFilters: "清除筛选",
  searching: "正在检索……", stillSearching: "服务比平时慢，还在检索……",
  found: (cases, took) => `最相关的 ${cases} 个案例（${took} 毫秒）`,
  foundOf: (cases, total, took) => `${cases} 个案例，共 ${total} 个（${took} 毫秒）`, otherwise: (count) => `；另有 ${count} 个用别的单位或口径`,
  noFigure: (figure) => `没有案例写到“${figure}”的数据。换个说法，如：就业、营业收入`,
  foundByDate: (cases) => `${cases} 个相关案例，按日期从早到晚`,
  none: "没有找到。换个说法，或去掉筛选条件再试", empty: "还没有收录文件，所以查不到", retry: "重试",
  byRelevance: "按相关度", byDate: "按时间", byFigure: "按数据", map: "地图", newest: "最新的在前", order: "排列",
  figure: "按哪项数据从大到小", figureExample: "如：带动就业", sort: "排列", follow: "订阅", followHint: "Atom 订阅：门户或阅读器会收到新的内容。要密钥时，在地址后面加 &key=密钥", first: "收录中最早", undated: "未注明日期",
  roles: { did: "做了什么", how: "怎么做", result: "成效" }, matched: (count) => `查到的段落（${count}）`,
  more: "显示更多", read: "看原文此处", case: "案例详情", choose: "选入对比", also: "另见：",
  helpful: "有用吗", yes: "有用", no: "没用", why: "哪里不对（可不写）", send: "发送", thanks: "已记下，谢谢",
  copy: "复制出处", copied: "已复制", notCopied: "复制不了，请手动选中",
  answer: "回答", notFound: "未找到依据", quoted: "摘自原文", written: "由语言模型依据原文组织，逐句核对", writing: "正在组织回答……",
  understood: "理解为：", unproven: "未经证实", missing: "收录的文件里没有这些词：",
  nearest: "下面是最接近的段落，不一定能回答问题。", askOn: "接着问", askOnExample: "接着问，例如：那临安区呢？",
  held: (series, year, held, gaps) => `收录了《${series}》${year ? `${year}年` : ""}第${held}期${gaps ? `（缺第${gaps}期）` : ""}`,
  source: (number) => `出处 ${number}`, openPage: (page) => `打开原文第${page}页`, openText: "打开原文", sources: "出处",
  to: "至", comma: "、",
  errors: {
    unreachable: "连不上服务，请确认它在运行，然后重试", slow: "服务太久没有回应，请稍后重试", internal: "服务出错了，请稍后重试",
    broken: "回答中途断开，请重试", key_required: "检索需要密钥，请联系管理员", key_unknown: "密钥不对或已撤销，请联系管理员",
  },
};

const TW = {
  ...CN,
  label: "要查的內容", search: "檢索", placeholder: "例如：哪裡做過老年人助餐？", open: "檢索簡報", close: "關閉", suggestions: "建議",
  recent: "最近查過", forget: "清除記錄",
  kinds: { bulletin: "簡報", news: "新聞", other: "其他" },
  filters: { kind: "類型", region: "地區", year: "年份", series: "系列", section: "欄目", contributor: "供稿", document: "文獻", folder: "資料夾" },
  parts: (count) => `其中 ${count} 地`, partsOf: (region, count) => `${region}：其中 ${count} 地`,
  filter: "篩選", clearFilters: "清除篩選", searching: "正在檢索……", stillSearching: "服務比平時慢，還在檢索……",
  found: (cases, took) => `最相關的 ${cases} 個案例（${took} 毫秒）`,
  foundOf: (cases, total, took) => `${cases} 個案例，共 ${total} 個（${took} 毫秒）`, otherwise: (count) => `；另有 ${count} 個用別的單位或口徑`,
  noFigure: (figure) => `沒有案例寫到“${figure}”的數據。換個說法，如：就業、營業收入`,
  foundByDate: (cases) => `${cases} 個相關案例，按日期從早到晚`,
  none: "沒有找到。換個說法，或去掉篩選條件再試", empty: "還沒有收錄檔案，所以查不到", retry: "重試", byRelevance: "按相關度", byDate: "按時間", byFigure: "按數據", map: "地圖",
  figure: "按哪項數據從大到小", figureExample: "如：帶動就業", followHint: "Atom 訂閱：門戶或閱讀器會收到新的內容。要金鑰時，在網址後面加 &key=金鑰", follow: "訂閱", first: "收錄中最早", undated: "未註明日期",
  roles: { did: "做了什麼", how: "怎麼做", result: "成效" }, matched: (count) => `查到的段落（${count}）`,
  more: "顯示更多", read: "看原文此處", case: "案例詳情", choose: "選入對比", also: "另見：", helpful: "有用嗎", yes: "有用", no: "沒用",
  why: "哪裡不對（可不寫）", send: "傳送", thanks: "已記下，謝謝", copy: "複製出處", copied: "已複製", notCopied: "無法複製，請手動選取",
  notFound: "未找到依據", quoted: "摘自原文", written: "由語言模型依據原文組織，逐句核對", writing: "正在組織回答……",
  understood: "理解為：", unproven: "未經證實", missing: "收錄的文件裡沒有這些詞：",
  nearest: "下面是最接近的段落，不一定能回答問題。", askOn: "接著問", askOnExample: "接著問，例如：那臨安區呢？",
  held: (series, year, held, gaps) => `收錄了《${series}》${year ? `${year}年` : ""}第${held}期${gaps ? `（缺第${gaps}期）` : ""}`,
  source: (number) => `出處 ${number}`, openPage: (page) => `開啟原文第${page}頁`, openText: "開啟原文", sources: "出處",
  errors: {
    unreachable: "連不上服務，請確認它在執行，然後重試", slow: "服務太久沒有回應，請稍後重試", internal: "服務出錯了，請稍後重試",
    broken: "回答中途斷開，請重試", origin_not_allowed: "這個網站還沒有獲准使用檢索，請聯絡管理員", key_required: "檢索需要金鑰，請聯絡管理員",
    key_unknown: "金鑰不對或已撤銷，請聯絡管理員",
  },
};

const EN = {
  ...CN,
  label: "What to look for", search: "Search", placeholder: "Ask in Chinese, for example: 哪里做过老年人助餐？", open: "Search bulletins",
  close: "Close", clear: "Clear", suggestions: "Suggestions", recent: "Recent", forget: "Forget these",
  kinds: { bulletin: "Bulletins", news: "News", other: "Other" },
  filters: { kind: "Kind", region: "Place", year: "Year", series: "Series", section: "Section", contributor: "From", document: "Document", folder: "Folder" },
  parts: (count) => `${count} parts`, partsOf: (region, count) => `${count} parts of ${region}`,
  since: "from", until: "to", dates: "Dates", filter: "Filters", clearFilters: "Clear filters",
  searching: "Searching …", stillSearching: "The service is slower than usual; still searching …",
  found: (cases, took) => `The ${cases} most relevant cases (${took} ms)`,
  foundOf: (cases, total, took) => `${cases} cases of ${total} (${took} ms)`, otherwise: (count) => `; ${count} more tell it in another unit`,
  noFigure: (figure) => `No case tells a figure of “${figure}”. Try other words, such as 就业`,
  foundByDate: (cases) => `${cases} cases, the earliest first`,
  none: "Nothing found. Try other words, or fewer filters", empty: "Nothing is held yet", retry: "Try again",
  byRelevance: "By relevance", byDate: "By date", byFigure: "By figure", map: "Map", newest: "Newest first", order: "Order",
  figure: "Largest first by which figure", figureExample: "such as 带动就业", sort: "Sort", follow: "Follow", followHint: "Atom feed: a portal or reader is told what is new. Where a key is needed, add &key=KEY to the address", first: "Earliest held", undated: "No date",
  roles: { did: "What was done", how: "How", result: "Result" }, matched: (count) => `Passages found (${count})`,
  more: "Show more", read: "Read it there", case: "Case", choose: "Select to compare", also: "Also: ",
  helpful: "Did it help?", yes: "Helpful", no: "Not helpful", why: "What was wrong (optional)", send: "Send", thanks: "Noted, thank you",
  copy: "Copy source", copied: "Copied", notCopied: "Could not copy; please select it",
  answer: "Answer", notFound: "Not found in the documents", quoted: "quoted", written: "written by a language model, each sentence checked",
  writing: "writing …", understood: "Understood as: ", unproven: "not borne out", missing: "No document holds: ",
  nearest: "The passages below come nearest; they may not answer the question.", askOn: "Ask on", askOnExample: "Ask on, for example: 那临安区呢？",
  held: (series, year, held, gaps) => `Held of 《${series}》${year ? ` ${year}` : ""}: issues ${held}${gaps ? ` (missing: ${gaps})` : ""}`,
  source: (number) => `Source ${number}`, openPage: (page) => `Open page ${page}`, openText: "Open the text", sources: "Sources",
  to: "–", comma: ", ",
  errors: {
    unreachable: "The service cannot be reached. Please try again", slow: "The service takes too long to answer. Please try again",
    internal: "The service failed. Please try again", broken: "The answer broke off. Please try again",
    origin_not_allowed: "This site may not use the search yet. Please ask its administrators", key_required: "The search needs a key",
    key_unknown: "The key is wrong or was revoked", query_too_long: "The question is too long",
  },
};

/** Return the words of a language tag: zh-TW, zh-HK and zh-Hant, any other zh, any other language. */
export function wordsOf(tag) {
  const language = (tag || "zh-CN").toLowerCase();
  if (/^zh-(tw|hk|mo|hant)/.test(language)) return TW;
  return language.startsWith("zh") ? CN : EN;
}
