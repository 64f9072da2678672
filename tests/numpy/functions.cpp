#include "functions.hpp"

#include <iostream>

// Carries out what functions.py asks for, a line each: the type of the elements, the function, its arguments, the layout, the file to write, and how many files to read, which follow.

int main() {
    std::string type, count;
    job j;
    while (std::cin >> type >> j.what >> j.arguments >> j.layout >> j.out >> count) {
        j.in.resize(std::stoul(count));
        for (std::string& name : j.in) std::cin >> name;
        try {
            const bool done = run_elementwise(type, j) || run_pairs(type, j) || run_reductions(type, j) || run_shapes(type, j);
            std::cout << (done ? "done" : "no such function of that type") << '\n';
        } catch (const sn::index_error&) {
            std::cout << "IndexError\n";
        } catch (const sn::shape_error&) {
            std::cout << "ValueError\n";
        } catch (const sn::value_error&) {
            std::cout << "ValueError\n";
        } catch (const std::exception& e) {
            std::cout << "error: " << e.what() << '\n';
        }
    }
}
