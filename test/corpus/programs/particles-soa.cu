//// features: structure of device arrays by value, several steps of integration
//// sequential
void particles_soa(double *x, double *v, int n, int steps) {
    for (int s = 0; s < steps; s++)
        for (int i = 0; i < n; i++) {
            v[i] -= 0.5 * x[i];
            x[i] += 0.25 * v[i];
        }
}
//// kernel
struct Particles {
    double *x, *v;
    int n;
};
__device__ void step(Particles &p, int i, double dt) {
    p.v[i] -= 2 * dt * p.x[i];
    p.x[i] += dt * p.v[i];
}
__global__ void integrate(Particles p, int steps) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= p.n) return;
    for (int s = 0; s < steps; s++) step(p, i, 0.25);
}
//// wrapper
void particles_soa_cuda(double *x, double *v, int n, int steps) {
    Particles p;
    p.n = n;
    cudaMalloc(&p.x, n * sizeof(double));
    cudaMalloc(&p.v, n * sizeof(double));
    cudaMemcpy(p.x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(p.v, v, n * sizeof(double), cudaMemcpyHostToDevice);
    integrate<<<(n + 3) / 4, 4>>>(p, steps);
    cudaMemcpy(x, p.x, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(v, p.v, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(p.x);
    cudaFree(p.v);
}
//// tests
double x[3] = {1, 2, -4}, v[3] = {0, 1, 2};
wrapper(FUNCTION, x, v, 3, 5);
---
double x[21], v[21];
for (int i = 0; i < 21; i++) x[i] = i, v[i] = 10 - i;
wrapper(FUNCTION, x, v, 21, 8);
