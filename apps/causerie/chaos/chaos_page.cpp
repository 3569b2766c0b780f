// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_page.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "apps/causerie/chaos/chaos_picture.hpp"
#include "apps/causerie/cli/printable.hpp"

namespace causerie::apps {
namespace {

constexpr const char* page_style = R"(
:root{--ink:#1d2025;--soft:#667;--paper:#fff;--line:#d8dce2;--good:#1a7f4b;--bad:#c0263b;
--lane:#dfe5ec;--down:#c0263b;--silent:#e0a030;--mark:#5b3fa6;--heard:#2f6fb5}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8ec;--soft:#9aa3b0;--paper:#15181c;--line:#333a44;
--good:#4cc38a;--bad:#ff6b7d;--lane:#2a313a;--down:#e5484d;--silent:#d9a441;--mark:#a18bf0;
--heard:#6aa8ea}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p.soft,td.soft{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}
.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}
svg{width:100%;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}
code{font-size:.9em}.wide{overflow-x:auto}
)";

std::string mark(bool held, const char* yes, const char* no) {
  return held ? fmt::format("<span class=good>{}</span>", yes)
              : fmt::format("<span class=bad>{}</span>", no);
}

std::string expects_html(const std::vector<chaos_verdict>& verdicts) {
  std::string html = "<div class=wide><table><tr><th>expected<th>bound";
  for (const auto& verdict : verdicts) html += fmt::format("<th>{}<th>", verdict.world);
  for (std::size_t e = 0; e < verdicts.front().expects.size(); ++e) {
    const auto& first = verdicts.front().expects[e];
    html += fmt::format("<tr><td>{}<td>{}", first.check, html_text(first.bound));
    for (const auto& verdict : verdicts) {
      const auto& expect = verdict.expects[e];
      html += fmt::format("<td>{}<td>{}", html_text(expect.measured),
                          mark(expect.held, "held", "NOT held"));
    }
  }
  return html + "</table></div>";
}

std::string steps_html(const chaos_scenario& scenario, const std::vector<chaos_verdict>& verdicts) {
  std::string html = "<div class=wide><table><tr><th>at<th>step";
  for (const auto& verdict : verdicts)
    html += fmt::format("<th>{}: happened<th>detected<th>repaired", verdict.world);
  for (std::size_t s = 0; s < scenario.steps.size(); ++s) {
    html += fmt::format("<tr><td>{}<td>{}", duration_text(scenario.steps[s].at),
                        html_text(scenario.steps[s].text));
    for (const auto& verdict : verdicts) {
      const auto& measured = verdict.measures.steps[s];
      html += fmt::format("<td>{} {}<td>{}<td>{}", mark(measured.happened, "yes:", "no:"),
                          html_text(measured.evidence), detected_text(measured),
                          repaired_text(measured));
    }
  }
  return html + "</table></div>";
}

/// `--sim --live `: what the records come from.
std::string worlds_of(const std::vector<chaos_record>& records) {
  std::string flags;
  for (const auto* world : {"sim", "live"})
    if (std::ranges::any_of(records, [&](const auto& x) { return x.world.starts_with(world); }))
      flags += fmt::format("--{} ", world);
  return flags;
}

std::string nodes_html(const checker::verdict& judged) {
  std::string html =
      "<div class=wide><table><tr><th>node<th>lives<th>sent<th>heard<th>missing<th>doubled"
      "<th>inversions<th>gaps<th>private sent<th>private heard<th>at the end";
  for (const auto& row : judged.rows)
    html += fmt::format(
        "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td class=soft>{}",
        html_text(row.node), row.lives, row.sent, row.delivered, row.missing + row.private_missing,
        row.doubled + row.private_doubled, row.causal_inversions + row.fifo_inversions, row.gaps,
        row.private_sent, row.private_delivered, row.survivor ? "there" : "gone");
  return html + "</table></div>";
}

std::string world_html(const chaos_scenario& scenario, const chaos_record& record,
                       const chaos_verdict& verdict) {
  const auto& measures = verdict.measures;
  std::string html = fmt::format(
      "<h2>{}</h2>\n<p class=soft>{} messages, {} deliveries, {} private ones; converged {} after "
      "the last fault.</p>\n",
      record.world.starts_with("sim") ? "In simulation" : "With real processes",
      measures.judged.messages, measures.judged.deliveries, measures.judged.private_deliveries,
      measures.converged() ? duration_text(*measures.converged()) : "never");
  html += picture_of(scenario, record) + nodes_html(measures.judged);
  if (verdict.wrong.empty()) return html;
  html += "<h2 class=bad>What is wrong</h2><ul>";
  for (const auto& words : verdict.wrong) html += "<li>" + html_text(words);
  return html + "</ul>";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string html;
  for (const char letter : printable(text)) switch (letter) {
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '&': html += "&amp;"; break;
      case '"': html += "&quot;"; break;
      default: html += letter;
    }
  return html;
}

std::string chaos_page(const chaos_scenario& scenario, const std::vector<chaos_record>& records,
                       const std::vector<chaos_verdict>& verdicts) {
  const bool held = std::ranges::all_of(verdicts, &chaos_verdict::holds);
  auto html = fmt::format(
      "<!doctype html>\n<html lang=en><meta charset=utf-8>"
      "<meta name=viewport content=\"width=device-width\">\n"
      "<title>{0}: {1}</title>\n<style>{2}</style>\n<h1>{0}: {3}</h1>\n<p>{4}</p>\n"
      "<p class=soft>{5} nodes, {6}, seed {7}; <code>causerie chaos run {8} {9}--seed "
      "{7}</code></p>\n",
      html_text(scenario.name), held ? "held" : "NOT held", page_style,
      mark(held, "held", "NOT held"), html_text(scenario.about), scenario.nodes,
      duration_text(scenario.lasts), scenario.seed, html_text(scenario.file), worlds_of(records));
  html += "<h2>Verdict</h2>\n" + expects_html(verdicts);
  if (!scenario.steps.empty())
    html += "<h2>What went wrong, on purpose</h2>\n" + steps_html(scenario, verdicts);
  for (std::size_t w = 0; w < verdicts.size(); ++w)
    html += world_html(scenario, records[w], verdicts[w]);
  return html + "</html>\n";
}

}  // namespace causerie::apps
