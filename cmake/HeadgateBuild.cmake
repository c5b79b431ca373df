# Compiler settings and the few functions that the other CMake files use.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

# -O2 builds in two thirds of the time of -O3 and runs as fast here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
    add_link_options(-fuse-ld=mold)
endif()

set(HEADGATE_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them")
if(HEADGATE_SANITIZE)
    add_compile_options(-fsanitize=${HEADGATE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -g1 -O1)
    add_link_options(-fsanitize=${HEADGATE_SANITIZE})
    if(HEADGATE_SANITIZE MATCHES thread)
        # Boost.Asio has fences, which the thread sanitizer does not follow; it says so with every file that includes it.
        add_compile_options(-Wno-tsan)
        # GCC 12 takes what an optional holds for used although it is empty, only with this sanitizer.
        set_source_files_properties("${CMAKE_SOURCE_DIR}/core/engine/areas.cpp" PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
    endif()
endif()

# GCC 12 sees overlaps in std::string (PR 105651) and unset values in tl::expected that are not there, when it optimises.
set(HEADGATE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
    "$<$<CONFIG:Release>:-Wno-restrict;-Wno-maybe-uninitialized>")

# headgate_library(<target> <folder>...): a static library of every source below the folders.
function(headgate_library target)
    set(sources)
    foreach(folder IN LISTS ARGN)
        file(GLOB_RECURSE found CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cpp" "${CMAKE_SOURCE_DIR}/${folder}/*.h")
        list(APPEND sources ${found})
    endforeach()
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_compile_options(${target} PRIVATE ${HEADGATE_WARNINGS} -ffp-contract=off)
    target_compile_definitions(${target} PUBLIC HEADGATE_VERSION="${PROJECT_VERSION}" QT_NO_KEYWORDS
        QT_NO_CAST_TO_ASCII QT_DISABLE_DEPRECATED_BEFORE=0x060400)
endfunction()

# headgate_program(<name> <source>... LIBRARIES <target>...)
function(headgate_program name)
    cmake_parse_arguments(arg "" "" "LIBRARIES" ${ARGN})
    add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
    target_compile_options(${name} PRIVATE ${HEADGATE_WARNINGS})
endfunction()

# Icons, migrations and the description of the interface, compiled into the libraries that use them.
function(headgate_resources)
    file(GLOB icons CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/resources/icons/*.svg")
    if(icons)
        qt_add_resources(headgate_ui headgate_icons PREFIX "/" BASE "${CMAKE_SOURCE_DIR}/resources" FILES ${icons})
    endif()
    file(GLOB migrations CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/resources/migrations/*.sql")
    if(migrations)
        qt_add_resources(headgate_plane headgate_migrations PREFIX "/" BASE "${CMAKE_SOURCE_DIR}/resources" FILES ${migrations})
    endif()
    qt_add_resources(headgate_plane headgate_openapi PREFIX "/" BASE "${CMAKE_SOURCE_DIR}/resources"
        FILES "${CMAKE_SOURCE_DIR}/resources/openapi.yaml" "${CMAKE_SOURCE_DIR}/resources/api_browser.html"
        "${CMAKE_SOURCE_DIR}/resources/test_page/index.html" "${CMAKE_SOURCE_DIR}/resources/test_page/page.css"
        "${CMAKE_SOURCE_DIR}/resources/test_page/page.js")
endfunction()
