void nbody_step_cuda(int n, const float *mass, float *pos, float *vel, float dt, float softening) {
    float *d_mass;
    float3 *d_pos, *d_next, *d_vel;
    cudaMalloc(&d_mass, n * sizeof(float));
    cudaMalloc(&d_pos, n * sizeof(float3));
    cudaMalloc(&d_next, n * sizeof(float3));
    cudaMalloc(&d_vel, n * sizeof(float3));
    cudaMemcpy(d_mass, mass, n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_pos, pos, n * sizeof(float3), cudaMemcpyHostToDevice);
    cudaMemcpy(d_vel, vel, n * sizeof(float3), cudaMemcpyHostToDevice);
    nbody_kernel<<<(n + BODIES - 1) / BODIES, BODIES>>>(n, d_mass, d_pos, d_next, d_vel, dt, softening);
    cudaMemcpy(pos, d_next, n * sizeof(float3), cudaMemcpyDeviceToHost);
    cudaMemcpy(vel, d_vel, n * sizeof(float3), cudaMemcpyDeviceToHost);
    cudaFree(d_mass);
    cudaFree(d_pos);
    cudaFree(d_next);
    cudaFree(d_vel);
}
