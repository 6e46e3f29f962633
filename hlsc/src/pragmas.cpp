// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pragmas.h"

#include <cctype>
#include <map>
#include <sstream>
#include <vector>

#include "diagnostics.h"

namespace hlsc {
namespace {

constexpr char kDeclarations[] =
    "extern \"C\" { "
    "void __hlsc_pipeline(int) noexcept; void __hlsc_unroll(int) noexcept; "
    "void __hlsc_dataflow() noexcept; "
    "void __hlsc_stream_depth(const volatile void*, int) noexcept; "
    "void __hlsc_partition(const volatile void*, int, int, int) noexcept; "
    "void __hlsc_storage(const volatile void*, int, int) noexcept; "
    "void __hlsc_dependence(const volatile void*, int) noexcept; "
    "void __hlsc_interface(const char*, const char*, const char*) noexcept; }\n";

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// A pragma's words: keywords and key=value pairs, keys and keywords in lower case.
class Options {
 public:
  Options(const std::string& where, const std::string& name, const std::string& text)
      : where_(where), name_(name) {
    for (const std::string& word : Split(text)) {
      const size_t equals = word.find('=');
      std::string key = word.substr(0, equals);
      for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (equals == std::string::npos) {
        words_.push_back(key);
      } else {
        values_[key] = word.substr(equals + 1);
      }
    }
  }
  std::string Get(const std::string& key, const std::string& fallback) const {
    auto it = values_.find(key);
    return it == values_.end() ? fallback : it->second;
  }
  std::string Need(const std::string& key) const {
    auto it = values_.find(key);
    if (it == values_.end()) {
      Refuse(where_, "#pragma HLS " + name_ + " without " + key + "=", "add " + key + "=…");
    }
    return it->second;
  }
  bool Has(const std::string& key) const { return values_.count(key) != 0; }
  bool Word(const std::string& word) const {
    for (const std::string& w : words_) {
      if (w == word) return true;
    }
    return false;
  }
  const std::vector<std::string>& words() const { return words_; }
  const std::map<std::string, std::string>& values() const { return values_; }

  // Refuses everything but the given words and keys.
  void AllowOnly(const std::vector<std::string>& words,
                 const std::vector<std::string>& keys) const {
    for (const std::string& w : words_) Check(w, words);
    for (const auto& [key, value] : values_) Check(key, keys);
  }

 private:
  void Check(const std::string& item, const std::vector<std::string>& allowed) const {
    std::string list;
    for (const std::string& a : allowed) {
      if (a == item) return;
      list += (list.empty() ? "" : ", ") + a;
    }
    Refuse(where_, "#pragma HLS " + name_ + " does not support '" + item + "'",
           list.empty() ? "leave it out" : "use only: " + list);
  }
  // Splits at spaces, but not inside parentheses nor around "=".
  static std::vector<std::string> Split(const std::string& text) {
    std::vector<std::string> out;
    std::string word;
    int depth = 0;
    const auto end = [&] {
      if (word.empty()) return;
      const bool joins = !out.empty() && (word[0] == '=' || out.back().back() == '=');
      if (joins) {
        out.back() += word;
      } else {
        out.push_back(word);
      }
      word.clear();
    };
    for (const char c : text) {
      if (c == '(') ++depth;
      if (c == ')') --depth;
      if (depth == 0 && std::isspace(static_cast<unsigned char>(c)) != 0) {
        end();
      } else {
        word += c;
      }
    }
    end();
    return out;
  }

  std::string where_, name_;
  std::vector<std::string> words_;
  std::map<std::string, std::string> values_;
};

std::string AddressOf(const std::string& variable) {
  return "(const volatile void*)&(" + variable + ")";
}
std::string Call(const std::string& marker, const std::string& arguments) {
  return "__hlsc_" + marker + "(" + arguments + ");";
}

std::string Pipeline(const std::string& where, const Options& o) {
  if (o.Has("style") || o.Word("rewind")) {
    Refuse(where, "#pragma HLS PIPELINE supports only II=", "leave out rewind and style=");
  }
  o.AllowOnly({"off"}, {"ii"});
  return Call("pipeline", o.Word("off") ? "0" : o.Get("ii", "1"));
}

std::string Unroll(const Options& o) {
  o.AllowOnly({"full", "skip_exit_check"}, {"factor"});
  return Call("unroll", o.Get("factor", "0"));
}

std::string Partition(const std::string& where, const Options& o) {
  o.AllowOnly({"complete", "cyclic", "block"}, {"variable", "factor", "dim", "type"});
  const std::string type = o.Has("type")       ? o.Need("type")
                           : o.words().empty() ? "complete"
                                               : o.words()[0];
  const int kind = type == "complete" ? 0 : type == "cyclic" ? 1 : type == "block" ? 2 : -1;
  if (kind < 0)
    Refuse(where, "ARRAY_PARTITION type '" + type + "'", "use complete, cyclic or block");
  if (kind != 0) o.Need("factor");
  return Call("partition", AddressOf(o.Need("variable")) + ", " + std::to_string(kind) + ", " +
                               o.Get("factor", "0") + ", " + o.Get("dim", "1"));
}

std::string Interface(const std::string& where, const Options& o) {
  const std::string mode = o.Has("mode") ? o.Need("mode") : o.words().empty() ? "" : o.words()[0];
  if (mode != "m_axi" && mode != "s_axilite" && mode != "axis" && mode != "ap_ctrl_chain" &&
      mode != "ap_ctrl_hs") {
    Refuse(where, "INTERFACE mode '" + mode + "'", "use m_axi, s_axilite or axis");
  }
  if (mode == "m_axi" && o.Get("offset", "slave") != "slave") {
    Refuse(where, "m_axi offset=" + o.Get("offset", ""), "write offset=slave");
  }
  o.AllowOnly({mode},
              {"mode", "port", "bundle", "offset", "depth", "latency", "max_read_burst_length",
               "max_write_burst_length", "num_read_outstanding", "num_write_outstanding",
               "max_widen_bitwidth", "register", "register_mode", "name"});
  return Call("interface", "\"" + mode + "\", \"" + o.Need("port") + "\", \"" +
                               o.Get("bundle", mode == "m_axi" ? "gmem" : "control") + "\"");
}

std::string Dependence(const std::string& where, const Options& o) {
  o.AllowOnly({"inter", "intra", "false", "array"}, {"variable", "type", "dependent", "class"});
  const bool promised = o.Word("false") || o.Get("dependent", "") == "false";
  if (!promised) {
    Refuse(where, "DEPENDENCE without 'false'", "leave it out: dependences are found by analysis");
  }
  const bool intra = o.Word("intra") || o.Get("type", "") == "intra";
  return Call("dependence", AddressOf(o.Need("variable")) + ", " + (intra ? "0" : "1"));
}

std::string Translate(const std::string& where, const std::string& name, const Options& o) {
  if (name == "PIPELINE") return Pipeline(where, o);
  if (name == "UNROLL") return Unroll(o);
  if (name == "ARRAY_PARTITION") return Partition(where, o);
  if (name == "INTERFACE") return Interface(where, o);
  if (name == "DEPENDENCE") return Dependence(where, o);
  if (name == "DATAFLOW") {
    o.AllowOnly({}, {});
    return Call("dataflow", "");
  }
  if (name == "STREAM") {
    o.AllowOnly({}, {"variable", "depth", "type"});
    if (o.Get("type", "fifo") != "fifo")
      Refuse(where, "STREAM type=" + o.Get("type", ""), "use type=fifo");
    return Call("stream_depth", AddressOf(o.Need("variable")) + ", " + o.Get("depth", "2"));
  }
  if (name == "BIND_STORAGE") {
    o.AllowOnly({}, {"variable", "type", "impl", "latency"});
    const std::string type = Upper(o.Need("type"));
    const bool single = type == "RAM_1P" || type == "ROM_1P";
    if (!single && type != "RAM_2P" && type != "RAM_T2P" && type != "RAM_S2P" && type != "ROM_2P" &&
        type != "ROM_NP" && type != "RAM_1WNR") {
      Refuse(where, "BIND_STORAGE type=" + o.Need("type"),
             "use ram_1p, ram_2p, ram_s2p, ram_t2p or rom_2p");
    }
    static const std::map<std::string, RamStyle> kStyles = {{"AUTO", RamStyle::kAuto},
                                                            {"LUTRAM", RamStyle::kLut},
                                                            {"BRAM", RamStyle::kBlock},
                                                            {"URAM", RamStyle::kUltra}};
    const auto style = kStyles.find(Upper(o.Get("impl", "auto")));
    if (style == kStyles.end())
      Refuse(where, "BIND_STORAGE impl=" + o.Get("impl", ""), "use auto, bram, lutram or uram");
    return Call("storage", AddressOf(o.Need("variable")) + ", " + (single ? "1" : "2") + ", " +
                               std::to_string(static_cast<int>(style->second)));
  }
  if (name == "INLINE" || name == "LOOP_TRIPCOUNT") return "";
  if (name == "LATENCY") {
    Refuse(where, "#pragma HLS LATENCY",
           "leave it out: hlsc takes the shortest latency that meets --clock");
  }
  Refuse(where, "#pragma HLS " + name + " is not supported",
         "use PIPELINE, UNROLL, ARRAY_PARTITION, DATAFLOW, STREAM, INTERFACE, BIND_STORAGE, "
         "DEPENDENCE, INLINE or LOOP_TRIPCOUNT");
}

// Follows linemarkers ("# 12 "file" flags") so that refusals name the user's file and line.
struct Position {
  std::string file = "unknown";
  int line = 0;
  bool Marker(const std::string& text) {
    if (text.size() < 3 || text[0] != '#' || text[1] != ' ' ||
        !std::isdigit(static_cast<unsigned char>(text[2]))) {
      return false;
    }
    line = std::stoi(text.substr(2)) - 1;
    const size_t open = text.find('"'), close = text.find('"', open + 1);
    if (open != std::string::npos && close != std::string::npos) {
      file = text.substr(open + 1, close - open - 1);
    }
    return true;
  }
};

bool IsPragma(const std::string& text, std::string* name, std::string* rest) {
  std::istringstream in(text);
  std::string hash, pragma, hls;
  in >> hash;
  if (hash == "#") {
    in >> pragma;
    hash += pragma;
  }
  if (hash != "#pragma" || !(in >> hls) || Upper(hls) != "HLS" || !(in >> *name)) return false;
  *name = Upper(*name);
  rest->clear();
  std::getline(in, *rest);
  return true;
}

}  // namespace

std::string RewritePragmas(const std::string& preprocessed) {
  std::istringstream in(preprocessed);
  std::string out = kDeclarations, text, name, rest;
  Position position;
  char previous = ';';  // last character of code before this line
  while (std::getline(in, text)) {
    if (position.Marker(text)) {
      out += text + "\n";
      continue;
    }
    ++position.line;
    if (IsPragma(text, &name, &rest)) {
      const std::string where = position.file + ":" + std::to_string(position.line);
      if (previous != '{' && previous != '}' && previous != ';' && previous != ':') {
        Refuse(where, "#pragma HLS " + name + " between a statement and its body",
               "put the body in braces and the pragma inside them");
      }
      text = Translate(where, name, Options(where, name, rest));
    } else {
      const size_t last = text.find_last_not_of(" \t\r");
      if (last != std::string::npos && text[0] != '#') previous = text[last];
    }
    out += text + "\n";
  }
  return out;
}

}  // namespace hlsc
