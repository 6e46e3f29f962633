# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
#
# narrowgate_image(MANIFEST.json [ON_DEMAND])
#
# Makes build/bitstreams/<name>.xclbin, in the target image_<name>, built by `all` unless ON_DEMAND (tests then
# require the fixture image_<name>, which builds it; they and its lint have the label long):
# hlsc compiles the kernel, Verilator the RTL, clang++ the model; ng-portgen binds the ports;
# ng-xclbin packs. The target image_<name>_waves, not in `all`, makes bitstreams/<name>_waves.xclbin,
# whose simulator can write FST files. The test image.lint.<name> lints the RTL with assertions on.
#
# A manifest says {"kernel": {"source", "top", "defines": {…}}} for a kernel in HLS C++, or
# {"kernel": {"rtl", "json", "top"}} for one in SystemVerilog; paths are relative to the manifest or
# to the project. An HLS kernel's "multipliers": "fabric" makes its products of LUTs, where the array
# needs the DSPs; "dsp" is what is taken otherwise. An HLS kernel's "stand_ins": {"rtl": […], "sources": […]} are modules that simulate
# in the place of the kernel's own modules of the same names, and their C++ (docs/rtl.md). With
# NG_IMAGE_STAND_INS off the card runs the RTL itself, and slowly.
include_guard(DIRECTORY)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH NG_IMAGE_PROJECT_DIR)
set(NG_IMAGE_PROJECT_DIR ${NG_IMAGE_PROJECT_DIR} CACHE INTERNAL "The project's folder")
include(${NG_IMAGE_PROJECT_DIR}/rtl/cmake/NgVerilate.cmake)

# The model's own compiler flags: its makefile would use -Os for the hot code (up to ten times slower).
set(NG_MODEL_FLAGS "-O3 -march=native" CACHE STRING "Compiler flags of Verilated kernels")
option(NG_IMAGE_STAND_INS "Simulate cards with the fast equals of some modules" ON)
# -fno-split: hlsc puts what moves together into one block behind one guard; it is to stay one.
# -fno-dedup: equal logic is looked for at length, and next to none found (docs/simulated-card.md).
set(NG_IMAGE_VERILATE --cc -Wall -O3 --x-assign fast --x-initial fast --noassert -fno-split -fno-dedup
                      --unroll-count 1024 --unroll-stmts 200000)
set(NG_IMAGE_DIR ${CMAKE_BINARY_DIR}/bitstreams)

if(NOT TARGET ng_verilated_fst)
  find_package(ZLIB REQUIRED)
  add_library(ng_verilated_fst STATIC EXCLUDE_FROM_ALL
              ${NG_VERILATOR_ROOT}/include/verilated_fst_c.cpp)
  target_link_libraries(ng_verilated_fst PUBLIC ng_verilated_runtime ZLIB::ZLIB)
endif()

# Sets ${out} to an absolute path: `path` relative to the manifest's folder, else to the project.
function(_ng_image_path out manifest path)
  cmake_path(GET manifest PARENT_PATH dir)
  if(EXISTS ${dir}/${path})
    set(${out} ${dir}/${path} PARENT_SCOPE)
  else()
    set(${out} ${NG_IMAGE_PROJECT_DIR}/${path} PARENT_SCOPE)
  endif()
endfunction()

# Sets ${out} to the paths in the array at ${ARGN} of the manifest; empty when there is none.
function(_ng_image_paths out manifest text)
  set(paths "")
  string(JSON count ERROR_VARIABLE none LENGTH "${text}" ${ARGN})
  if(count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON path GET "${text}" ${ARGN} ${i})
      _ng_image_path(path ${manifest} ${path})
      list(APPEND paths ${path})
    endforeach()
  endif()
  set(${out} ${paths} PARENT_SCOPE)
endfunction()

# The simulated card's executable for one kernel. Adds target ${target}.
function(_ng_image_simulator target top json rtl rtl_depends)
  cmake_parse_arguments(arg "WAVES" "" "SOURCES;DEFINES" ${ARGN})
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${target}.verilated)
  set(archive ${dir}/V${top}__ALL.a)
  set(trace "")
  set(runtime ng_verilated_runtime)
  set(waves 0)
  if(arg_WAVES)
    set(trace --trace-fst --trace-structs)
    set(runtime ng_verilated_fst)
    set(waves 1)
  endif()
  add_custom_command(
    OUTPUT ${archive} ${dir}/V${top}.h
    COMMAND ${NG_VERILATOR} ${NG_IMAGE_VERILATE} ${trace} --top-module ${top} -Mdir ${dir} ${rtl}
    COMMAND ${CMAKE_COMMAND} -E env "OBJCACHE=${CMAKE_CXX_COMPILER_LAUNCHER}"
            ${NG_MAKE} -s -j 2 -C ${dir} -f V${top}.mk "CXX=${NG_MODEL_CXX}"
            "OPT_FAST=${NG_MODEL_FLAGS}" "OPT_SLOW=-O1" "OPT_GLOBAL=${NG_MODEL_FLAGS}"
            V${top}__ALL.a
    DEPENDS ${rtl_depends}
    COMMENT "Verilating ${target}"
    VERBATIM)
  set(ports ${CMAKE_CURRENT_BINARY_DIR}/${target}_ports.cpp)
  add_custom_command(
    OUTPUT ${ports}
    COMMAND ng-portgen ${json} --ports ${ports}
    DEPENDS ng-portgen ${rtl_depends} ${json}
    VERBATIM)
  add_executable(${target} EXCLUDE_FROM_ALL ${NG_IMAGE_PROJECT_DIR}/sim/card/card_main.cpp ${ports}
                 ${dir}/V${top}.h)
  if(arg_SOURCES)
    # Hot code like the model's own, with its compiler and flags.
    separate_arguments(flags UNIX_COMMAND "${NG_MODEL_FLAGS}")
    set(objects "")
    foreach(source IN LISTS arg_SOURCES)
      cmake_path(GET source STEM stem)
      set(object ${CMAKE_CURRENT_BINARY_DIR}/${target}_${stem}.o)
      list(TRANSFORM arg_DEFINES PREPEND -D OUTPUT_VARIABLE macros)
      add_custom_command(
        OUTPUT ${object}
        COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${NG_MODEL_CXX} -std=c++20 -Wall -Wextra -Werror ${flags}
                ${macros} -I ${NG_IMAGE_PROJECT_DIR}/rtl -I ${NG_IMAGE_PROJECT_DIR}/hls
                -I ${NG_VERILATOR_ROOT}/include/vltstd -MD -MF ${object}.d -c ${source} -o ${object}
        DEPENDS ${source}
        DEPFILE ${object}.d
        COMMENT "Compiling ${stem} for ${target}"
        VERBATIM)
      list(APPEND objects ${object})
    endforeach()
    target_sources(${target} PRIVATE ${objects})
  endif()
  target_include_directories(${target} SYSTEM PRIVATE ${dir})
  target_compile_definitions(${target} PRIVATE NG_WAVEFORMS=${waves})
  # The model calls nothing of the card and the card only MakeKernelModel, which ${ports} defines.
  target_link_libraries(${target} PRIVATE ng_card ${archive} ${runtime} fmt::fmt ng_warnings)
endfunction()

function(_ng_image_pack target simulator manifest json card)
  set(image ${NG_IMAGE_DIR}/${target}.xclbin)
  add_custom_command(
    OUTPUT ${image}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${NG_IMAGE_DIR}
    COMMAND ng-xclbin pack --manifest ${manifest} --kernel ${json} --card ${card}
            --simulator $<TARGET_FILE:${simulator}> -o ${image}
    DEPENDS ng-xclbin ${simulator} ${manifest} ${json} ${card}
    COMMENT "Packing ${target}.xclbin"
    VERBATIM)
endfunction()

# Compiles the manifest's HLS C++; sets in the caller rtl, rtl_depends and json; lint_rtl, the RTL
# without stand-ins, and the stand-ins' sources and defines.
macro(_ng_image_hls name manifest text)
  string(JSON source GET "${text}" kernel source)
  _ng_image_path(source ${manifest} ${source})
  cmake_path(GET source PARENT_PATH source_dir)
  set(defines "")
  string(JSON define_count LENGTH "${text}" kernel defines)
  math(EXPR last "${define_count} - 1")
  foreach(i RANGE ${last})
    string(JSON key MEMBER "${text}" kernel defines ${i})
    string(JSON value GET "${text}" kernel defines ${key})
    list(APPEND defines ${key}=${value})
  endforeach()
  _ng_image_paths(blackboxes ${manifest} "${text}" kernel blackboxes)
  set(hls_dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.hls)
  string(JSON multipliers ERROR_VARIABLE none GET "${text}" kernel multipliers)
  if(none)
    set(multipliers dsp)
  endif()
  hlsc_compile(NAME ${name}_hls SOURCE ${source} TOP ${top} OUTPUT_DIR ${hls_dir} CLOCK ${clock}
               MULTIPLIERS ${multipliers}
               INCLUDES ${source_dir} ${NG_IMAGE_PROJECT_DIR}/hls ${NG_IMAGE_PROJECT_DIR}/rtl
               DEFINES ${defines} BLACKBOXES ${blackboxes})
  set(json ${hls_dir}/${top}.json)
  # The RTL's files are known only when hlsc has run: they reach Verilator through a list.
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${name}.f)
  set(stand_ins "")
  set(stand_in_sources "")
  if(NG_IMAGE_STAND_INS)
    _ng_image_paths(stand_ins ${manifest} "${text}" kernel stand_ins rtl)
    _ng_image_paths(stand_in_sources ${manifest} "${text}" kernel stand_ins sources)
  endif()
  list(TRANSFORM stand_ins PREPEND --stand-in= OUTPUT_VARIABLE stand_in_flags)
  add_custom_command(OUTPUT ${list} ${list}.rtl
                     COMMAND ng-portgen ${json} --rtl-list ${list} ${stand_in_flags}
                     COMMAND ng-portgen ${json} --rtl-list ${list}.rtl
                     DEPENDS ng-portgen ${json}
                     VERBATIM)
  set(stand_in_defines ${defines})
  list(TRANSFORM defines PREPEND +define+)
  set(rtl ${defines} -f ${list})
  set(lint_rtl ${defines} -f ${list}.rtl)
  set(rtl_depends ${json} ${list} ${stand_ins})
  # What hlsc instantiates: the leaves and the black boxes' own files.
  list(APPEND rtl_depends ${leaves})
  foreach(blackbox IN LISTS blackboxes)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${blackbox})
    file(READ ${blackbox} blackbox_text)
    _ng_image_paths(blackbox_rtl ${blackbox} "${blackbox_text}" rtl_files)
    list(APPEND rtl_depends ${blackbox_rtl})
  endforeach()
endmacro()

function(narrowgate_image manifest)
  cmake_parse_arguments(arg "ON_DEMAND" "" "" ${ARGN})
  foreach(package fmt nlohmann_json Threads ZLIB)  # visible only in the folder that asks
    find_package(${package} REQUIRED)
  endforeach()
  cmake_path(ABSOLUTE_PATH manifest BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
  file(READ ${manifest} text)
  string(JSON name GET "${text}" name)
  string(JSON top GET "${text}" kernel top)
  string(JSON clock GET "${text}" clock_mhz)
  string(JSON preset GET "${text}" card)
  set(card ${NG_IMAGE_PROJECT_DIR}/sim/cards/${preset}.json)
  file(GLOB leaves CONFIGURE_DEPENDS ${NG_IMAGE_PROJECT_DIR}/rtl/ng_*.sv)
  string(JSON sv ERROR_VARIABLE no_sv GET "${text}" kernel rtl)
  if(no_sv)
    _ng_image_hls(${name} ${manifest} "${text}")
  else()
    _ng_image_path(sv ${manifest} ${sv})
    string(JSON json GET "${text}" kernel json)
    _ng_image_path(json ${manifest} ${json})
    set(rtl ${sv} ${leaves})
    set(lint_rtl ${rtl})
    set(stand_in_sources "")
    set(stand_in_defines "")
    set(rtl_depends ${rtl} ${json})
  endif()

  set(stand_in SOURCES ${stand_in_sources} DEFINES ${stand_in_defines})
  _ng_image_simulator(${name}_simulator ${top} ${json} "${rtl}" "${rtl_depends}" ${stand_in})
  _ng_image_pack(${name} ${name}_simulator ${manifest} ${json} ${card})
  set(label image)
  set(all ALL)
  if(arg_ON_DEMAND)
    set(label long)
    set(all "")
    if(BUILD_TESTING)
      add_test(NAME image.build.${name}
               COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target image_${name})
      set_tests_properties(image.build.${name} PROPERTIES LABELS long TIMEOUT 3000 PROCESSORS 2
                           RESOURCE_LOCK build_tree FIXTURES_SETUP image_${name})
    endif()
  endif()
  add_custom_target(image_${name} ${all} DEPENDS ${NG_IMAGE_DIR}/${name}.xclbin)

  _ng_image_simulator(${name}_simulator_waves ${top} ${json} "${rtl}" "${rtl_depends}" WAVES
                      ${stand_in})
  _ng_image_pack(${name}_waves ${name}_simulator_waves ${manifest} ${json} ${card})
  add_custom_target(image_${name}_waves DEPENDS ${NG_IMAGE_DIR}/${name}_waves.xclbin)

  if(BUILD_TESTING)
    add_test(NAME image.lint.${name}
             COMMAND ${NG_VERILATOR} --lint-only -Wall --assert -fno-dedup --top-module ${top} ${lint_rtl})
    set_tests_properties(image.lint.${name} PROPERTIES LABELS ${label} TIMEOUT 3000)
    if(arg_ON_DEMAND)
      set_tests_properties(image.lint.${name} PROPERTIES FIXTURES_REQUIRED image_${name})
    endif()
  endif()
endfunction()
