// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IntrinsicInst.h>

#include <set>

#include "design.h"
#include "diagnostics.h"
#include "emitter.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;
using llvm::Value;

namespace {

constexpr unsigned kFirstOffset = 0x10;
constexpr unsigned kLastOffset = 0x800;  // the read-only block

class Elaborator {
 public:
  Elaborator(const Prepared& prepared,
             const std::map<const llvm::Function*, ProcessModule>& modules, Design* design)
      : prepared_(prepared), modules_(modules), design_(*design), top_(*prepared.top) {}

  void Run() {
    if (prepared_.dataflow) {
      CollectCalls();
    } else {
      AddInstance(top_, nullptr);
    }
    CollectPorts();
    PlaceArguments();
    CheckFifos();
    ConnectScalars();
  }

 private:
  using Key = std::pair<const Value*, int>;

  void CollectCalls() {
    for (llvm::BasicBlock& block : top_) {
      if (&block == &top_.getEntryBlock()) continue;
      for (llvm::Instruction& i : block) {
        auto* call = dyn_cast<llvm::CallInst>(&i);
        if (call == nullptr || isa<llvm::IntrinsicInst>(call)) continue;
        Refuse(i, "a call in a branch or loop of a DATAFLOW function",
               "let the process decide itself what to do");
      }
    }
    for (llvm::BasicBlock& block : top_) {
      for (llvm::Instruction& i : block) {
        if (isa<llvm::AllocaInst>(i) || isa<llvm::GetElementPtrInst>(i) ||
            isa<llvm::IntrinsicInst>(i) || isa<llvm::ReturnInst>(i) || pieces_.IsWiring(&i)) {
          continue;
        }
        if (Operator(i) != nullptr) continue;
        auto* call = dyn_cast<llvm::CallInst>(&i);
        if (call == nullptr || call->getCalledFunction() == nullptr ||
            modules_.count(call->getCalledFunction()) == 0) {
          Refuse(i,
                 "a DATAFLOW function may only declare streams, call processes and pass them sums "
                 "and products of its arguments",
                 "move this into a process");
        }
        AddInstance(*call->getCalledFunction(), call);
      }
    }
    if (design_.instances.empty())
      Refuse(top_, "a DATAFLOW function without processes", "call at least one");
  }

  void AddInstance(const llvm::Function& function, const llvm::CallInst* call) {
    Instance instance;
    instance.module = &modules_.at(&function);
    instance.name = instance.module->name;
    for (int n = 2; !names_.insert(instance.name).second; ++n)
      instance.name = instance.module->name + "_" + std::to_string(n);
    instance.where = call == nullptr ? Where(function) : Where(*call);
    for (unsigned k = 0; k < function.arg_size(); ++k) {
      instance.arguments.push_back(call == nullptr ? function.getArg(k) : call->getArgOperand(k));
    }
    instance.ports = instance.module->ports;
    design_.instances.push_back(instance);
  }

  void CollectPorts() {
    for (size_t n = 0; n < design_.instances.size(); ++n) {
      const Instance& instance = design_.instances[n];
      for (const ModulePort& port : instance.ports) {
        llvm::APInt offset(64, 0);
        Value* base = instance.arguments[port.argument]->stripAndAccumulateConstantOffsets(
            top_.getDataLayout(), offset, true);
        const int element = static_cast<int>(offset.getSExtValue()) + port.element;
        const End end{n, &port};
        if (port.kind == PortKind::kStream) {
          AddStreamEnd({base, element}, end, instance);
        } else {
          AddMemoryEnd(base, end, instance);
        }
      }
    }
  }

  void AddStreamEnd(const Key& key, const End& end, const Instance& instance) {
    if (!isa<llvm::Argument>(key.first) && !isa<llvm::AllocaInst>(key.first)) {
      Refuse(instance.where,
             "a stream that is neither local to the DATAFLOW function nor its argument",
             "declare it there");
    }
    auto [it, fresh] = fifo_index_.try_emplace(key, fifos_.size());
    if (fresh) {
      fifos_.emplace_back();
      keys_.push_back(key);
    }
    Fifo& fifo = fifos_[it->second];
    (end.port->output ? fifo.writers : fifo.readers).push_back(end);
    if (fifo.width != 0 && end.port->width != 0 && fifo.width != end.port->width) {
      Refuse(instance.where,
             "a stream of " + std::to_string(fifo.width) + " bits meets a port of " +
                 std::to_string(end.port->width) + " bits",
             "use one element type");
    }
    if (end.port->width != 0) fifo.width = end.port->width;
    if (fifo.where.empty()) fifo.where = instance.where;
  }

  void AddMemoryEnd(const Value* base, const End& end, const Instance& instance) {
    const auto* argument = dyn_cast<llvm::Argument>(base);
    if (argument == nullptr)
      Refuse(instance.where, "a burst_maxi that is not an argument of the top function",
             "pass it through");
    const std::string name = argument->getName().str();
    const std::string bundle_name = BundleOf(name);
    Bundle* bundle = nullptr;
    for (Bundle& b : design_.bundles) {
      if (b.name == bundle_name) bundle = &b;
    }
    if (bundle == nullptr) {
      design_.bundles.emplace_back();
      bundle = &design_.bundles.back();
      bundle->name = bundle_name;
    }
    const PortKind kind = end.port->kind;
    const bool reads = kind == PortKind::kReadRequest || kind == PortKind::kReadData;
    std::string& owner = reads ? bundle->read_base : bundle->write_base;
    if (bundle->ends.count(kind) != 0 || (!owner.empty() && owner != name)) {
      Refuse(instance.where,
             std::string("bundle '") + bundle_name + "' is " + (reads ? "read" : "written") +
                 " through two processes or arguments",
             "give each a bundle of its own");
    }
    owner = name;
    bundle->ends.emplace(kind, end);
    if (kind == PortKind::kReadData || kind == PortKind::kWriteData) {
      const unsigned width = end.port->width;
      if (width < 32 || width > 1024 || (width & (width - 1)) != 0) {
        Refuse(instance.where, "m_axi elements of " + std::to_string(width) + " bits",
               "use 32, 64, 128, 256, 512 or 1024 bits");
      }
      if (bundle->data_width != 0 && bundle->data_width != width) {
        Refuse(instance.where, "bundle '" + bundle_name + "' with elements of two widths",
               "use one width");
      }
      bundle->data_width = width;
    }
    pointers_.insert(name);
  }

  std::string BundleOf(const std::string& argument) const {
    for (const InterfacePragma& pragma : prepared_.interfaces) {
      if (pragma.port == argument && pragma.mode == "m_axi") return pragma.bundle;
    }
    return "gmem";
  }

  // Arguments in source order, at Vitis's offsets: a reserved word after each.
  void PlaceArguments() {
    unsigned offset = kFirstOffset;
    for (const llvm::Argument& source : top_.args()) {
      KernelArgument argument;
      argument.name =
          source.hasName() ? source.getName().str() : "arg" + std::to_string(source.getArgNo());
      if (source.getType()->isFloatingPointTy())
        Refuse(top_, "argument '" + argument.name + "' is a floating point number",
               "pass its bits as ap_uint<32>");
      if (source.getType()->isIntegerTy()) {
        argument.bits = WidthOf(&source);
      } else if (pointers_.count(argument.name) != 0) {
        argument.kind = KernelArgument::kPointer;
        argument.bits = 64;
        argument.bundle = BundleOf(argument.name);
      } else {
        argument.kind = KernelArgument::kAxis;
        if (FillAxis(source, argument)) continue;
        Refuse(top_, "argument '" + argument.name + "' is not used as a stream or burst_maxi",
               "remove it, or pass scalars by value");
      }
      if (argument.kind != KernelArgument::kAxis) {
        argument.offset = offset;
        offset += 4 * ((argument.bits + 31) / 32) + 4;
        if (offset > kLastOffset)
          Refuse(top_, "more arguments than fit below register 0x800", "pass some through memory");
      }
      CheckInterface(argument);
      design_.arguments.push_back(argument);
    }
    for (const InterfacePragma& pragma : prepared_.interfaces) {
      bool known = pragma.port == "return";
      known |= axis_arrays_.count(pragma.port) != 0;
      for (const KernelArgument& argument : design_.arguments)
        known |= argument.name == pragma.port;
      if (!known)
        Refuse(pragma.where, "INTERFACE names port '" + pragma.port + "', which is not an argument",
               "see the function's arguments");
    }
    for (const Bundle& bundle : design_.bundles) {
      const bool read_ok =
          bundle.ends.count(PortKind::kReadRequest) == bundle.ends.count(PortKind::kReadData);
      const bool write_ok =
          bundle.ends.count(PortKind::kWriteRequest) == bundle.ends.count(PortKind::kWriteData);
      if (!read_ok || !write_ok)
        Refuse(top_,
               "bundle '" + bundle.name + "' has requests without data, or data without requests",
               "use read_request with read, write_request with write");
    }
  }

  void CheckInterface(const KernelArgument& argument) const {
    static const char* const kModes[] = {"s_axilite", "m_axi", "axis"};
    for (const InterfacePragma& pragma : prepared_.interfaces) {
      if (pragma.port != argument.name) continue;
      const bool offset = argument.kind == KernelArgument::kPointer && pragma.mode == "s_axilite";
      if (pragma.mode != kModes[argument.kind] && !offset) {
        Refuse(pragma.where, "INTERFACE " + pragma.mode + " for argument '" + argument.name + "'",
               std::string("use ") + kModes[argument.kind]);
      }
      if (pragma.mode == "s_axilite" && pragma.bundle != "control") {
        Refuse(pragma.where, "s_axilite bundle=" + pragma.bundle,
               "leave bundle= out: there is one control port");
      }
    }
  }

  // One argument, or one for each element of an array of streams.
  bool FillAxis(const llvm::Argument& source, const KernelArgument& whole) {
    std::map<int, size_t> elements;
    for (size_t k = 0; k < keys_.size(); ++k) {
      if (keys_[k].first == &source) elements[keys_[k].second] = k;
    }
    const bool array = elements.size() > 1 || (!elements.empty() && elements.begin()->first != 0);
    CheckInterface(whole);
    for (const auto& [element, k] : elements) {
      KernelArgument argument = whole;
      Fifo& fifo = fifos_[k];
      if (array) argument.name += "_" + std::to_string(element);
      argument.bits = fifo.width;
      argument.axis_input = !fifo.readers.empty();
      if (fifo.readers.size() + fifo.writers.size() != 1)
        Refuse(fifo.where, "stream port '" + argument.name + "' is used by two processes",
               "use one argument for each");
      fifo.name = argument.name;
      design_.axis.push_back(fifo);
      design_.arguments.push_back(argument);
      if (array) axis_arrays_.insert(whole.name);
    }
    return !elements.empty();
  }

  void CheckFifos() {
    std::set<std::string> names;
    for (size_t k = 0; k < keys_.size(); ++k) {
      const auto* local = dyn_cast<llvm::AllocaInst>(keys_[k].first);
      if (local == nullptr) continue;
      Fifo& fifo = fifos_[k];
      const std::string full = local->getName().str();
      fifo.name = full.substr(0, full.find('.'));
      if (local->getAllocatedType()->isArrayTy())
        fifo.name += "_" + std::to_string(keys_[k].second);
      while (!names.insert(fifo.name).second) fifo.name += "_2";
      fifo.depth = std::max(2, GetNote(*local, "hlsc.depth").value_or(2));
      if (fifo.writers.size() != 1 || fifo.readers.size() != 1) {
        const bool writes = fifo.writers.size() != 1;
        const std::vector<End>& ends = writes ? fifo.writers : fifo.readers;
        const size_t count = ends.size();
        const llvm::DISubprogram* program = top_.getSubprogram();
        const std::string declared =
            (program == nullptr ? std::string("unknown") : program->getFilename().str()) + ":" +
            std::to_string(GetNote(*local, "hlsc.line").value_or(0));
        Refuse(count > 1 ? design_.instances[ends[1].instance].where : declared,
               "stream '" + fifo.name + "' is " + (writes ? "written" : "read") + " by " +
                   std::to_string(count) + " processes",
               "exactly one process writes a stream and exactly one reads it");
      }
      if (fifo.writers[0].instance == fifo.readers[0].instance)
        Refuse(fifo.where, "stream '" + fifo.name + "' is written and read by one process",
               "use an array inside the process");
      if (fifo.width == 0)
        Refuse(fifo.where, "stream '" + fifo.name + "' joins two black boxes",
               "put a process between them");
      for (const End& end : {fifo.writers[0], fifo.readers[0]}) {
        for (ModulePort& port : design_.instances[end.instance].ports) {
          if (&port == end.port) port.width = fifo.width;
        }
      }
      design_.fifos.push_back(fifo);
    }
  }

  void ConnectScalars() {
    for (const Instance& instance : design_.instances) {
      std::map<std::string, std::string> nets;
      for (const auto& [index, port] : instance.module->scalars) {
        const unsigned width = instance.module->scalar_widths.at(index);
        nets[port] = ScalarNet(pieces_.Low(instance.arguments[index], width), instance);
      }
      design_.scalar_nets.push_back(nets);
    }
  }

  static const char* Operator(const llvm::Instruction& i) {
    switch (i.getOpcode()) {
      case llvm::Instruction::Add:
        return " + ";
      case llvm::Instruction::Sub:
        return " - ";
      case llvm::Instruction::Mul:
        return " * ";
      case llvm::Instruction::And:
        return " & ";
      case llvm::Instruction::Or:
        return " | ";
      case llvm::Instruction::Xor:
        return " ^ ";
      default:
        return nullptr;
    }
  }

  std::string ScalarNet(const Slices& slices, const Instance& instance) {
    std::string net;
    for (auto s = slices.rbegin(); s != slices.rend(); ++s)
      net += (net.empty() ? "" : ", ") + ScalarSlice(*s, instance);
    return "{" + net + "}";
  }

  // The name of a computed scalar; the first use declares it.
  const TopScalar& Computed(llvm::Instruction& i, const Instance& instance) {
    auto found = computed_.find(&i);
    if (found != computed_.end()) return design_.scalars[found->second];
    if (Operator(i) == nullptr)
      Refuse(i, "this computation in a DATAFLOW function", "compute it inside the process");
    TopScalar scalar;
    scalar.width = WidthOf(&i);
    scalar.level = 1;
    for (llvm::Value* operand : i.operands()) {
      const Slices slices = pieces_.Of(operand);
      for (const Slice& s : slices) {
        if (auto* other = dyn_cast<llvm::Instruction>(s.leaf))
          scalar.level = std::max(scalar.level, Computed(*other, instance).level + 1);
      }
      scalar.expression +=
          (scalar.expression.empty() ? "" : Operator(i)) + ScalarNet(slices, instance);
    }
    scalar.name = "scalar_" + std::to_string(design_.scalars.size());
    computed_[&i] = design_.scalars.size();
    design_.scalars.push_back(scalar);
    return design_.scalars.back();
  }

  std::string ScalarSlice(const Slice& s, const Instance& instance) {
    if (const auto* constant = dyn_cast<llvm::ConstantInt>(s.leaf))
      return HexConstant(constant->getValue());
    auto* instruction = dyn_cast<llvm::Instruction>(s.leaf);
    const std::string name = instruction != nullptr ? Computed(*instruction, instance).name
                                                    : "arg_" + s.leaf->getName().str();
    const unsigned width = WidthOf(s.leaf);
    design_.scalar_bits.try_emplace(name, llvm::APInt(width, 0))
        .first->second.setBits(s.lo, s.lo + (s.sign_fill ? 1 : s.width));
    if (s.sign_fill) {
      const std::string bit = width == 1 ? name : name + "[" + std::to_string(s.lo) + "]";
      return "{" + std::to_string(s.width) + "{" + bit + "}}";
    }
    if (width == 1) return name;
    return name + "[" + std::to_string(s.lo + s.width - 1) + ":" + std::to_string(s.lo) + "]";
  }

  const Prepared& prepared_;
  const std::map<const llvm::Function*, ProcessModule>& modules_;
  Design& design_;
  llvm::Function& top_;
  Pieces pieces_;
  std::set<std::string> names_, pointers_, axis_arrays_;
  std::vector<Fifo> fifos_;
  std::vector<Key> keys_;
  std::map<Key, size_t> fifo_index_;
  std::map<const llvm::Instruction*, size_t> computed_;
};

}  // namespace

Design Elaborate(const Prepared& prepared,
                 const std::map<const llvm::Function*, ProcessModule>& modules, double clock_mhz,
                 const std::vector<std::string>& defines) {
  Design design;
  design.top = PlainName(*prepared.top);
  design.clock_mhz = clock_mhz;
  design.defines = defines;
  Elaborator(prepared, modules, &design).Run();
  return design;
}

}  // namespace hlsc
