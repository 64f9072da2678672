#include "plan/decisions.hpp"

#include <utility>

namespace sinter::inline v1::detail::plan {

const char* name_of(decision_kind k) noexcept {
    switch (k) {
        case decision_kind::store: return "store";
        case decision_kind::hold: return "hold";
        case decision_kind::fuse: return "fuse";
        case decision_kind::loops: return "loops";
        case decision_kind::tile: return "tile";
        case decision_kind::stream: return "stream";
        case decision_kind::threads: return "threads";
        case decision_kind::collapse: return "collapse";
        case decision_kind::unroll: return "unroll";
        case decision_kind::pipeline: return "pipeline";
        case decision_kind::compile: return "compile";
        case decision_kind::backend: break;
    }
    return "backend";
}

std::size_t decision_log::choose(decision_kind kind, std::uint32_t value, std::uint32_t captured, std::vector<option> options, std::size_t wanted) {
    std::size_t taken = wanted;
    bool forced = false;
    for (const proposal& p : proposed_) {
        if (p.choice.kind != kind || p.choice.value != value) continue;
        for (std::size_t i = 0; i < options.size(); ++i) {
            if (options[i].key != p.choice.key || !options[i].refused.empty()) continue;
            options[wanted].seconds = p.before;
            options[i].seconds = p.after;
            taken = i;
        }
    }
    for (const forced_choice& f : forced_) {
        if (f.kind != kind || f.value != value) continue;
        for (std::size_t i = 0; i < options.size(); ++i) {
            if (options[i].key != f.key || !options[i].refused.empty()) continue;
            taken = i;
            forced = true;
        }
    }
    if (keep_ && (options.size() > 1 || forced)) {
        made_.push_back({.kind = kind, .value = value, .captured = captured, .options = std::move(options), .taken = taken, .forced = forced});
    }
    return taken;
}

}  // namespace sinter::inline v1::detail::plan
