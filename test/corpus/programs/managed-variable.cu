//// features: __managed__ variables, scalar and array
//// sequential
int managed_variable(int n) {
    int longest = 0, at = 0;
    for (int i = 1; i <= n; i++) {
        int steps = 0;
        for (long long v = i; v != 1; v = v % 2 ? 3 * v + 1 : v / 2) steps++;
        if (steps > longest) longest = steps, at = i;
    }
    return at * 1000 + longest;
}
//// kernel
__managed__ int longest = 0;
__device__ __managed__ int steps_of[256];
__global__ void collatz(int n) {
    int i = threadIdx.x + 1;
    if (i > n) return;
    int steps = 0;
    for (long long v = i; v != 1; v = v % 2 ? 3 * v + 1 : v / 2) steps++;
    steps_of[i] = steps;
    atomicMax(&longest, steps);
}
//// wrapper
int managed_variable_cuda(int n) {
    collatz<<<1, 256>>>(n);
    cudaDeviceSynchronize();
    int at = 0;
    for (int i = n; i > 0; i--)
        if (steps_of[i] == longest) at = i;
    return at * 1000 + longest;
}
//// tests
wrapper(FUNCTION, 10);
---
wrapper(FUNCTION, 200);
