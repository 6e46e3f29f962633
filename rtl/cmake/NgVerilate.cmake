# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
#
# ng_verilate(TARGET TOP module SOURCES file... [PARAMETERS Name=Value...] [DEFINES NAME=VALUE...]
#             [FLAGS flag...] [PREFIX class])
#
# Makes the library TARGET with the Verilator model of one module, class V<TARGET> (or PREFIX) in
# the header of that name. Warnings of Verilator (-Wall) are errors. Registers start with random bits, so that
# a missing reset shows. FLAGS are given to the C++ compiler (default -O1: quick to compile).
# The models are compiled by clang++-19 where there is one: its code runs several times faster.

find_program(NG_VERILATOR verilator REQUIRED)
find_program(NG_MAKE NAMES gmake make REQUIRED)
find_program(NG_MODEL_CXX NAMES clang++-19 clang++)
if(NOT NG_MODEL_CXX)
  set(NG_MODEL_CXX ${CMAKE_CXX_COMPILER})
endif()
execute_process(COMMAND ${NG_VERILATOR} --getenv VERILATOR_ROOT
                OUTPUT_VARIABLE NG_VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)

if(NOT TARGET ng_verilated_runtime)
  find_package(Threads REQUIRED)
  add_library(ng_verilated_runtime STATIC ${NG_VERILATOR_ROOT}/include/verilated.cpp
                                          ${NG_VERILATOR_ROOT}/include/verilated_dpi.cpp
                                          ${NG_VERILATOR_ROOT}/include/verilated_threads.cpp)
  target_include_directories(ng_verilated_runtime SYSTEM PUBLIC
                             ${NG_VERILATOR_ROOT}/include ${NG_VERILATOR_ROOT}/include/vltstd)
  target_link_libraries(ng_verilated_runtime PUBLIC Threads::Threads)
endif()

function(ng_verilate target)
  cmake_parse_arguments(arg "" "TOP;PREFIX" "SOURCES;PARAMETERS;DEFINES;FLAGS" ${ARGN})
  if(NOT arg_FLAGS)
    set(arg_FLAGS -O1)
  endif()
  if(NOT arg_PREFIX)
    set(arg_PREFIX V${target})
  endif()
  list(JOIN arg_FLAGS " " flags)
  list(TRANSFORM arg_PARAMETERS PREPEND -G)
  list(TRANSFORM arg_DEFINES PREPEND +define+)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${target}.verilated)
  set(archive ${dir}/${arg_PREFIX}__ALL.a)
  add_custom_command(
    OUTPUT ${archive} ${dir}/${arg_PREFIX}.h
    COMMAND ${NG_VERILATOR} --cc -Wall -O3 --x-assign unique --x-initial unique --noassert -fno-dedup
            --top-module ${arg_TOP} --prefix ${arg_PREFIX} -Mdir ${dir}
            ${arg_PARAMETERS} ${arg_DEFINES} ${arg_SOURCES}
    COMMAND ${CMAKE_COMMAND} -E env "OBJCACHE=${CMAKE_CXX_COMPILER_LAUNCHER}"
            ${NG_MAKE} -s -C ${dir} -f ${arg_PREFIX}.mk "CXX=${NG_MODEL_CXX}"
            "OPT_FAST=${flags}" "OPT_SLOW=-O0" ${arg_PREFIX}__ALL.a
    DEPENDS ${arg_SOURCES}
    COMMENT "Verilating ${target}"
    VERBATIM)
  add_custom_target(${target}_model DEPENDS ${archive})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_model)
  target_include_directories(${target} SYSTEM INTERFACE ${dir})
  target_link_libraries(${target} INTERFACE ${archive} ng_verilated_runtime)
endfunction()
