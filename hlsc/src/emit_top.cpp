// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel module: control registers, one instance per process, FIFOs, memory masters, counters.
#include <set>
#include <sstream>

#include "design.h"
#include "emitter.h"

namespace hlsc {
namespace {

class TopEmitter {
 public:
  explicit TopEmitter(const Design& design) : d_(design) {}

  std::string Run() {
    Control();
    Scalars();
    for (size_t n = 0; n < d_.instances.size(); ++n) InstanceOf(n);
    for (const Fifo& fifo : d_.fifos) FifoOf(fifo);
    for (const Fifo& axis : d_.axis) AxisOf(axis);
    for (const Bundle& bundle : d_.bundles) BundleOf(bundle);
    Counters();
    std::ostringstream out;
    out << "// Kernel '" << d_.top << "', compiled by hlsc.\nmodule " << d_.top
        << " (\n  input  logic ap_clk,\n  input  logic ap_rst_n" << ports_.str() << "\n);\n"
        << decl_.str() << "\n"
        << body_.str() << "endmodule\n";
    return out.str();
  }

 private:
  void Port(const std::string& direction, unsigned width, const std::string& name) {
    ports_ << ",\n  " << direction << " logic " << Range(width) << name;
  }
  void Wire(unsigned width, const std::string& name) {
    decl_ << "  logic " << Range(width) << name << ";\n";
  }
  void Connect(std::ostream& out, const std::string& port, const std::string& net) {
    out << ",\n    ." << port << "(" << net << ")";
  }

  // AXI4-Lite registers, and the state of a run: 0 idle, 1 running, 2 done, 3 done until continued.
  void Control() {
    unsigned words = 0;
    std::string offsets, unused;
    for (const KernelArgument& a : d_.arguments) {
      if (a.kind == KernelArgument::kAxis) continue;
      const unsigned count = (a.bits + 31) / 32;
      Wire(a.bits, "arg_" + a.name);
      body_ << "  assign arg_" << a.name << " = args[" << 32 * words + a.bits - 1 << ":"
            << 32 * words << "];\n";
      if (a.bits % 32 != 0)
        unused += ", args[" + std::to_string(32 * (words + count) - 1) + ":" +
                  std::to_string(32 * words + a.bits) + "]";
      for (unsigned w = 0; w < count; ++w) {
        offsets =
            "12'd" + std::to_string(a.offset + 4 * w) + (offsets.empty() ? "" : ", ") + offsets;
      }
      words += count;
      if (a.kind == KernelArgument::kScalar) unused += UnusedBits("arg_" + a.name, a.bits);
    }
    if (words == 0) {
      words = 1;
      offsets = "12'd16";
      unused += ", args";
    }
    const size_t counters = d_.CounterNames().size();
    Wire(1, "ap_rst");
    Wire(32 * words, "args");
    Wire(1, "counter_read");
    Wire(10, "counter");
    Wire(32, "counter_word");
    for (const char* name : {"ap_start", "ap_continue", "ap_done", "ap_ready", "ap_idle"})
      Wire(1, name);
    Wire(2, "phase_q");
    const unsigned n = static_cast<unsigned>(d_.instances.size());
    for (const char* name : {"start_q", "finished_q"}) Wire(n, name);
    Wire(1, "begin_run");
    Wire(1, "memory_idle");
    if (!unused.empty())
      body_ << "  logic unused_args;\n  assign unused_args = ^{" << unused.substr(2) << "};\n";

    static const std::pair<const char*, int> kInputs[] = {
        {"AWADDR", 12}, {"AWVALID", 1}, {"WDATA", 32},  {"WSTRB", 4}, {"WVALID", 1},
        {"BREADY", 1},  {"ARADDR", 12}, {"ARVALID", 1}, {"RREADY", 1}};
    static const std::pair<const char*, int> kOutputs[] = {
        {"AWREADY", 1}, {"WREADY", 1}, {"BRESP", 2}, {"BVALID", 1},
        {"ARREADY", 1}, {"RDATA", 32}, {"RRESP", 2}, {"RVALID", 1}};
    std::ostringstream pins;
    for (const auto& [name, width] : kInputs) {
      Port("input ", width, std::string("s_axi_control_") + name);
      Connect(pins, "s_" + Lower(name) + "_i", std::string("s_axi_control_") + name);
    }
    for (const auto& [name, width] : kOutputs) {
      Port("output", width, std::string("s_axi_control_") + name);
      Connect(pins, "s_" + Lower(name) + "_o", std::string("s_axi_control_") + name);
    }
    // Vitis gives this port the name of a C++ function; it cannot be changed.
    ports_ << ",\n  /* verilator lint_off SYMRSVDWORD */\n  output logic interrupt\n  /* verilator "
              "lint_on SYMRSVDWORD */";
    const std::string settled = Settled();
    std::string idle, ends;
    for (unsigned k = 0; k < n; ++k) {
      const std::string u = "u" + std::to_string(k), bit = Bit(k);
      for (const char* name : {"_done", "_ready", "_idle"}) Wire(1, u + name);
      idle += " & " + u + "_idle";
      ends += "        if (" + u + "_ready) start_q" + bit + " <= 1'b0;\n        if (" + u +
              "_done) finished_q" + bit + " <= 1'b1;\n";
    }
    char hash[24];
    snprintf(hash, sizeof hash, "64'h%016llx", static_cast<unsigned long long>(d_.Hash()));
    body_
        << "  assign ap_rst = ~ap_rst_n;\n\n  ng_axil_control #(.AddrWidth(12), .NumArgs(" << words
        << "), .ArgOffsets({" << offsets << "}), .NumCounters(" << counters
        << "), .Magic(32'h4E474154), .Version(32'd" << kRegistersVersion << "), .Hash(" << hash
        << ")) u_control (\n    .clk_i(ap_clk),\n    .rst_i(ap_rst)" << pins.str()
        << ",\n    .args_o(args),\n    .counter_read_o(counter_read),\n    .counter_o(counter),\n  "
           "  .counter_i(counter_word),\n    .ap_start_o(ap_start),\n    "
           ".ap_done_i(ap_done),\n    .ap_ready_i(ap_ready),\n    .ap_idle_i(ap_idle),\n"
           "    .ap_continue_o(ap_continue),\n    .interrupt_o(interrupt)\n  );\n\n"
           "  assign begin_run = phase_q == 2'd0 & "
        << settled << ";\n  assign ap_idle = phase_q == 2'd0" << idle
        << ";\n  assign ap_ready = phase_q "
           "== 2'd2;\n  assign ap_done = phase_q[1];\n"
           "  always_ff @(posedge ap_clk) begin\n    if (ap_rst) begin\n      phase_q <= 2'd0;\n   "
           "   start_q <= '0;\n      finished_q <= '0;\n    end else begin\n"
           "      if (begin_run) begin\n        start_q <= '1;\n        finished_q <= '0;\n      "
           "end else begin\n"
        << ends
        << "      end\n"
           "      case (phase_q)\n        2'd0: if (begin_run) phase_q <= 2'd1;\n        2'd1: if "
           "(&finished_q & memory_idle) phase_q <= 2'd2;\n        2'd2: phase_q <= ap_continue ? "
           "2'd0 : 2'd3;\n"
           "        default: if (ap_continue) phase_q <= 2'd0;\n      endcase\n    end\n  end\n\n";
  }

  static std::string Lower(std::string text) {
    for (char& c : text) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
    return text;
  }

  // The bits of a scalar that nobody looks at: ", <net>[…]" for each run of them.
  std::string UnusedBits(const std::string& net, unsigned width) const {
    const auto found = d_.scalar_bits.find(net);
    if (found == d_.scalar_bits.end()) return ", " + net;
    const llvm::APInt& used = found->second;
    std::string out;
    for (unsigned at = 0, end; at < width; at = end) {
      for (end = at + 1; end < width && used[end] == used[at];) ++end;
      if (used[at]) continue;
      out += ", " + net + "[" + std::to_string(end - 1) + ":" + std::to_string(at) + "]";
    }
    return out;
  }

  // Registers in a row after each operation, for synthesis to spread the operation over.
  void Scalars() {
    std::string unused;
    for (const TopScalar& scalar : d_.scalars) {
      Wire(scalar.width, scalar.name);
      for (int k = 1; k < kScalarStages; ++k)
        Wire(scalar.width, scalar.name + "_" + std::to_string(k));
      body_ << "  always_ff @(posedge ap_clk) begin\n    " << scalar.name
            << "_1 <= " << scalar.expression << ";\n";
      for (int k = 1; k < kScalarStages; ++k) {
        body_ << "    " << scalar.name
              << (k + 1 == kScalarStages ? "" : "_" + std::to_string(k + 1))
              << " <= " << scalar.name << "_" << k << ";\n";
      }
      body_ << "  end\n";
      unused += UnusedBits(scalar.name, scalar.width);
    }
    if (!unused.empty())
      body_ << "  logic unused_scalars;\n  assign unused_scalars = ^{" << unused.substr(2)
            << "};\n";
  }

  // A run begins when the scalars have had time to settle.
  std::string Settled() {
    const int delay = StartDelay();
    if (delay == 0) return "ap_start";
    Wire(static_cast<unsigned>(delay), "settle_q");
    body_ << "  always_ff @(posedge ap_clk) settle_q <= ap_rst | begin_run ? '0 : {settle_q["
          << delay - 2 << ":0], ap_start & phase_q == 2'd0};\n";
    return "settle_q[" + std::to_string(delay - 1) + "]";
  }

  int StartDelay() const {
    int level = 0;
    for (const TopScalar& scalar : d_.scalars) level = std::max(level, scalar.level);
    return level * kScalarStages;
  }

  // Of start_q and finished_q: the bit of instance n.
  std::string Bit(size_t n) const {
    return d_.instances.size() == 1 ? "" : "[" + std::to_string(n) + "]";
  }

  void InstanceOf(size_t n) {
    const Instance& instance = d_.instances[n];
    const ProcessModule& module = *instance.module;
    const std::string u = "u" + std::to_string(n) + "_", bit = Bit(n);
    const auto pin = [&](const char* role, const char* usual) {
      auto it = module.black_box_ports.find(role);
      return it == module.black_box_ports.end() ? std::string(usual) : it->second;
    };
    body_ << "  " << module.name << " u_" << instance.name << " (\n    ." << pin("clock", "ap_clk")
          << "(ap_clk),\n    ." << pin("reset", "ap_rst") << "(ap_rst),\n    ."
          << pin("start", "ap_start") << "(start_q" << bit << "),\n    ." << pin("done", "ap_done")
          << "(" << u << "done),\n    ." << pin("ready", "ap_ready") << "(" << u << "ready),\n    ."
          << pin("idle", "ap_idle") << "(" << u << "idle),\n    ." << pin("continue", "ap_continue")
          << "(1'b1)";
    Wire(1, u + "stall_in");
    Wire(1, u + "stall_out");
    if (module.black_box) {
      Connect(body_, pin("enable", "ap_ce"), "1'b1");
    } else {
      Connect(body_, "ap_stall_in", u + "stall_in");
      Connect(body_, "ap_stall_out", u + "stall_out");
    }
    std::string waits_in, waits_out;
    for (const auto& [port, net] : d_.scalar_nets[n]) Connect(body_, port, net);
    for (const ModulePort& port : instance.ports) {
      const std::string net = u + port.name;
      const bool empty_data = port.kind == PortKind::kWriteResponse;
      const auto role = [&](const char* what, const std::string& usual) {
        auto it = module.black_box_ports.find(port.name + "." + what);
        return it == module.black_box_ports.end() ? usual : it->second;
      };
      const std::string p = Identifier(port.name);
      if (port.output) {
        Connect(body_, role("data", p + "_din"), net + "_din");
        Connect(body_, role("full", p + "_full_n"), net + "_full_n");
        Connect(body_, role("write", p + "_write"), net + "_write");
        Wire(port.width, net + "_din");
        Wire(1, net + "_full_n");
        Wire(1, net + "_write");
        waits_out += " | ~" + net + "_full_n";
      } else {
        if (!empty_data) Connect(body_, role("data", p + "_dout"), net + "_dout");
        Connect(body_, role("empty", p + "_empty_n"), net + "_empty_n");
        Connect(body_, role("read", p + "_read"), net + "_read");
        if (!empty_data) Wire(port.width, net + "_dout");
        Wire(1, net + "_empty_n");
        Wire(1, net + "_read");
        waits_in += " | ~" + net + "_empty_n";
      }
    }
    body_ << "\n  );\n";
    if (module.black_box) {
      body_ << "  assign " << u << "stall_in = " << (waits_in.empty() ? "1'b0" : waits_in.substr(3))
            << ";\n  assign " << u
            << "stall_out = " << (waits_out.empty() ? "1'b0" : waits_out.substr(3)) << ";\n";
    }
    body_ << "\n";
  }

  void FifoOf(const Fifo& fifo) {
    const std::string from = fifo.writers[0].Net(), to = fifo.readers[0].Net();
    body_ << "  ng_fifo #(.Width(" << fifo.width << "), .Depth(" << fifo.depth << ")) u_fifo_"
          << fifo.name << " (\n    .clk_i(ap_clk), .rst_i(ap_rst),\n    .wr_data_i(" << from
          << "_din), .wr_en_i(" << from << "_write), .full_no(" << from
          << "_full_n),\n    .rd_data_o(" << to << "_dout), .rd_en_i(" << to << "_read), .empty_no("
          << to << "_empty_n)\n  );\n\n";
  }

  void AxisOf(const Fifo& axis) {
    const unsigned bytes = (axis.width + 7) / 8 * 8;
    const bool input = !axis.readers.empty();
    Port(input ? "input " : "output", bytes, axis.name + "_TDATA");
    Port(input ? "input " : "output", 1, axis.name + "_TVALID");
    Port(input ? "output" : "input ", 1, axis.name + "_TREADY");
    body_ << "  ng_fifo #(.Width(" << axis.width << "), .Depth(2)) u_axis_" << axis.name
          << " (\n    .clk_i(ap_clk), .rst_i(ap_rst),\n";
    if (input) {
      const std::string to = axis.readers[0].Net();
      const std::string data = axis.name + "_TDATA";
      body_ << "    .wr_data_i("
            << (axis.width == bytes ? data : data + "[" + std::to_string(axis.width - 1) + ":0]")
            << "), .wr_en_i(" << axis.name << "_TVALID), .full_no(" << axis.name
            << "_TREADY),\n    .rd_data_o(" << to << "_dout), .rd_en_i(" << to
            << "_read), .empty_no(" << to << "_empty_n)\n  );\n\n";
      if (axis.width != bytes) {
        body_ << "  logic unused_" << axis.name << ";\n  assign unused_" << axis.name << " = ^"
              << data << "[" << bytes - 1 << ":" << axis.width << "];\n";
      }
    } else {
      const std::string from = axis.writers[0].Net();
      Wire(axis.width, "axis_" + axis.name);
      body_ << "    .wr_data_i(" << from << "_din), .wr_en_i(" << from << "_write), .full_no("
            << from << "_full_n),\n    .rd_data_o(axis_" << axis.name << "), .rd_en_i(" << axis.name
            << "_TREADY), .empty_no(" << axis.name << "_TVALID)\n  );\n  assign " << axis.name
            << "_TDATA = " << bytes << "'(axis_" << axis.name << ");\n\n";
    }
  }

  struct AxiSignal {
    const char* name;
    unsigned width;
    bool output;
    const char* leaf;      // null: not on the leaf
    const char* constant;  // for outputs that are not
  };

  void BundleOf(const Bundle& b) {
    const unsigned data = b.data_width;
    const std::string axi = "m_axi_" + b.name + "_";
    const AxiSignal reads[] = {
        {"ARVALID", 1, true, "arvalid", ""}, {"ARREADY", 1, false, "arready", ""},
        {"ARADDR", 64, true, "araddr", ""},  {"ARID", 1, true, "arid", ""},
        {"ARLEN", 8, true, "arlen", ""},     {"ARSIZE", 3, true, "arsize", ""},
        {"ARBURST", 2, true, "arburst", ""}, {"ARLOCK", 2, true, nullptr, "2'b00"},
        {"ARCACHE", 4, true, "arcache", ""}, {"ARPROT", 3, true, "arprot", ""},
        {"ARQOS", 4, true, nullptr, "4'h0"}, {"ARREGION", 4, true, nullptr, "4'h0"},
        {"RVALID", 1, false, "rvalid", ""},  {"RREADY", 1, true, "rready", ""},
        {"RDATA", data, false, "rdata", ""}, {"RLAST", 1, false, "rlast", ""},
        {"RID", 1, false, "rid", ""},        {"RRESP", 2, false, "rresp", ""}};
    const AxiSignal writes[] = {
        {"AWVALID", 1, true, "awvalid", ""}, {"AWREADY", 1, false, "awready", ""},
        {"AWADDR", 64, true, "awaddr", ""},  {"AWID", 1, true, "awid", ""},
        {"AWLEN", 8, true, "awlen", ""},     {"AWSIZE", 3, true, "awsize", ""},
        {"AWBURST", 2, true, "awburst", ""}, {"AWLOCK", 2, true, nullptr, "2'b00"},
        {"AWCACHE", 4, true, "awcache", ""}, {"AWPROT", 3, true, "awprot", ""},
        {"AWQOS", 4, true, nullptr, "4'h0"}, {"AWREGION", 4, true, nullptr, "4'h0"},
        {"WVALID", 1, true, "wvalid", ""},   {"WREADY", 1, false, "wready", ""},
        {"WDATA", data, true, "wdata", ""},  {"WSTRB", data / 8, true, "wstrb", ""},
        {"WLAST", 1, true, "wlast", ""},     {"BVALID", 1, false, "bvalid", ""},
        {"BREADY", 1, true, "bready", ""},   {"BRESP", 2, false, "bresp", ""},
        {"BID", 1, false, "bid", ""}};
    const auto channel = [&](const AxiSignal* signals, size_t count, bool used,
                             std::ostream& pins) {
      std::string unused;
      for (size_t k = 0; k < count; ++k) {
        const AxiSignal& s = signals[k];
        Port(s.output ? "output" : "input ", s.width, axi + s.name);
        if (used && s.leaf != nullptr) {
          Connect(pins, std::string("m_") + s.leaf + (s.output ? "_o" : "_i"), axi + s.name);
        } else if (s.output) {
          body_ << "  assign " << axi << s.name << " = " << (s.leaf == nullptr ? s.constant : "'0")
                << ";\n";
        } else {
          unused += (unused.empty() ? "" : ", ") + axi + s.name;
        }
      }
      if (!unused.empty())
        body_ << "  logic unused_" << signals[0].name << "_" << b.name << ";\n  assign unused_"
              << signals[0].name << "_" << b.name << " = ^{" << unused << "};\n";
    };
    std::ostringstream read_pins, write_pins;
    channel(writes, std::size(writes), b.Writes(), write_pins);
    channel(reads, std::size(reads), b.Reads(), read_pins);
    Master(b, "read", b.Reads(), read_pins.str());
    Master(b, "write", b.Writes(), write_pins.str());
  }

  void Master(const Bundle& b, const std::string& kind, bool used, const std::string& pins) {
    const std::string beat = b.name + "_" + kind + "_beat", idle = b.name + "_" + kind + "_idle";
    const std::string error = b.name + "_" + kind + "_error";
    Wire(1, beat);
    Wire(1, error);
    if (!used) {
      body_ << "  assign " << beat << " = 1'b0;\n  assign " << error << " = 1'b0;\n\n";
      return;
    }
    Wire(1, idle);
    idles_.push_back(idle);
    const bool read = kind == "read";
    const std::string request =
        b.ends.at(read ? PortKind::kReadRequest : PortKind::kWriteRequest).Net();
    const std::string data = b.ends.at(read ? PortKind::kReadData : PortKind::kWriteData).Net();
    body_ << "  ng_axi_" << kind << "_master #(.AddrWidth(64), .DataWidth(" << b.data_width
          << ")) u_" << b.name << "_" << kind
          << " (\n    .clk_i(ap_clk),\n    .rst_i(ap_rst),\n    .base_i(arg_"
          << (read ? b.read_base : b.write_base) << "),\n    .req_data_i(" << request
          << "_din),\n    .req_write_i(" << request << "_write),\n    .req_full_no(" << request
          << "_full_n)";
    if (read) {
      Connect(body_, "data_o", data + "_dout");
      Connect(body_, "data_empty_no", data + "_empty_n");
      Connect(body_, "data_read_i", data + "_read");
    } else {
      Connect(body_, "data_i", data + "_din");
      Connect(body_, "data_write_i", data + "_write");
      Connect(body_, "data_full_no", data + "_full_n");
      const auto response = b.ends.find(PortKind::kWriteResponse);
      std::string empty = response == b.ends.end() ? "" : response->second.Net() + "_empty_n";
      if (empty.empty()) {  // nobody waits: responses are taken as they come
        empty = b.name + "_unused_response";
        Wire(1, empty);
      }
      Connect(body_, "resp_empty_no", empty);
      Connect(body_, "resp_read_i",
              response == b.ends.end() ? "1'b1" : response->second.Net() + "_read");
    }
    Connect(body_, "beat_o", beat);
    Connect(body_, "error_o", error);
    Connect(body_, "idle_o", idle);
    body_ << pins << "\n  );\n\n";
  }

  void Counters() {
    std::string idle;
    for (const std::string& name : idles_) idle += (idle.empty() ? "" : " & ") + name;
    body_ << "  assign memory_idle = " << (idle.empty() ? "1'b1" : idle) << ";\n\n";
    const std::vector<std::string> names = d_.CounterNames();
    std::string zero, count, words;
    size_t next = 0;
    const auto slot = [&](const auto& value) {  // where the host reads it
      for (unsigned half = 0; half < 2; ++half) {
        words += "      10'd" + std::to_string(2 * next + half) +
                 ": counter_word = " + value(half == 0 ? "[31:0]" : "[63:32]") + ";" +
                 (half == 0 ? "  // " + names[next] : "") + "\n";
      }
      ++next;
    };
    const auto of = [](const std::string& name) {
      return [name](const char* half) { return name + half; };
    };
    const auto counter = [&](const std::string& enable, unsigned events) {
      const std::string name = next == 0 ? "cycles" : "count_" + std::to_string(next);
      Wire(64, name);
      body_ << "  ng_counter " << (events == 1 ? "" : "#(.Events(" + std::to_string(events) + ")) ")
            << "u_count_" << next << " (.clk_i(ap_clk), .rst_i(ap_rst), .clear_i(begin_run), "
            << ".enable_i(" << enable << "), .count_o(" << name << "));\n";
      slot(of(name));
    };
    const auto stalls = [&](const std::string& when) {
      const std::string name = "count_" + std::to_string(next) + "_q";
      Wire(64, name);
      zero += "      " + name + " <= '0;\n";
      count += "      if (" + when + ") " + name + " <= " + name + " + 64'd1;\n";
      slot(of(name));
    };
    counter("phase_q == 2'd1", 1);
    for (size_t n = 0; n < d_.instances.size(); ++n) {
      // Busy is what `cycles` was at the end. A compiled process is done for one cycle, and waits
      // for nothing afterwards.
      const std::string u = "u" + std::to_string(n), busy = u + "_busy_q";
      const std::string finished = "finished_q" + Bit(n);
      const std::string open = d_.instances[n].module->black_box ? " & ~" + finished : "";
      Wire(64, busy);
      count += "      if (" + u + "_done" + open + ") " + busy + " <= cycles + 64'd1;\n";
      slot([&](const char* half) { return finished + " ? " + busy + half + " : cycles" + half; });
      stalls(u + "_stall_in" + open);
      stalls(u + "_stall_out" + open);
    }
    for (const Bundle& b : d_.bundles) {
      counter(b.name + "_read_beat", 1);
      counter(b.name + "_write_beat", 1);
      counter("{" + b.name + "_write_error, " + b.name + "_read_error}", 2);
    }
    // The reset stands last, so that a simulator needs no second copy of the registers.
    body_ << "  always_ff @(posedge ap_clk) begin : stalls\n    if (phase_q == 2'd1) begin\n"
          << count << "    end\n    if (ap_rst | begin_run) begin\n"
          << zero << "    end\n  end\n"
          << "  always_comb begin\n    counter_word = '0;\n    if (counter_read) case (counter)\n"
          << words << "      default: counter_word = '0;\n    endcase\n  end\n";
  }

  const Design& d_;
  std::ostringstream ports_, decl_, body_;
  std::vector<std::string> idles_;
};

}  // namespace

std::string EmitTop(const Design& design) { return TopEmitter(design).Run(); }

}  // namespace hlsc
